using System.Collections;
using System.Reflection;
using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Tests.Support;

/// <summary>Compares all that two objects hold, fields that nobody thought of included, and that what is shared in one is shared in the other.</summary>
internal sealed class ObjectGraph
{
    private readonly Dictionary<object, object> _pairs = new(ReferenceEqualityComparer.Instance);

    public static void AssertEqual(object? expected, object? actual) => new ObjectGraph().Compare(expected, actual, "$");

    private void Compare(object? expected, object? actual, string path)
    {
        // Nothing and an empty list say the same.
        if (expected is null && actual is ICollection { Count: 0 }) return;
        Assert.True(expected is null == actual is null, $"{path}: {expected ?? "null"} became {actual ?? "null"}");
        if (expected is null || actual is null) return;
        if (expected is string or SourceText || expected.GetType().IsPrimitive || expected.GetType().IsEnum)
        {
            Assert.True(expected is SourceText e ? actual is SourceText a && e.Path == a.Path && e.Text == a.Text : expected.Equals(actual), $"{path}: {expected} became {actual}");
            return;
        }

        // Expressions are values: one may stand in several places or not.
        if (!expected.GetType().IsValueType && expected is not IrExpression)
        {
            if (_pairs.TryGetValue(expected, out var known))
            {
                Assert.True(ReferenceEquals(known, actual), $"{path}: what was shared is not any more");
                return;
            }

            _pairs.Add(expected, actual);
        }

        if (expected is IEnumerable many)
        {
            var (left, right) = (many.Cast<object?>().ToList(), ((IEnumerable)actual).Cast<object?>().ToList());
            Assert.True(left.Count == right.Count, $"{path}: {left.Count} became {right.Count}");
            for (var i = 0; i < left.Count; i++) Compare(left[i], right[i], $"{path}[{i}]");
            return;
        }

        Assert.Equal(expected.GetType(), actual.GetType());
        for (var type = expected.GetType(); type != typeof(object) && type is not null; type = type.BaseType)
        {
            foreach (var field in type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            {
                Compare(field.GetValue(expected), field.GetValue(actual), $"{path}.{field.Name}");
            }
        }
    }
}
