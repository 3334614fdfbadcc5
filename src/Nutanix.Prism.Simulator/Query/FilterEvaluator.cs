using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Nutanix.Prism.Simulator.Query;

/// <summary>Says whether an entity meets a filter. A field that is absent is null: unequal to all but null.</summary>
internal static class FilterEvaluator
{
    public static bool Matches(FilterNode filter, JsonNode entity) => Test(filter, new Scope(entity, null, null, null));

    /// <summary>The scalar at a path of an entity, or null.</summary>
    public static object? Scalar(JsonNode? entity, IReadOnlyList<string> path) => Scalar(Walk(entity, path));

    /// <summary>Orders scalars; null comes first, text by ordinal.</summary>
    public static int Compare(object? left, object? right) => (left, right) switch
    {
        (null, null) => 0,
        (null, _) => -1,
        (_, null) => 1,
        (decimal l, decimal r) => l.CompareTo(r),
        (bool l, bool r) => l.CompareTo(r),
        (DateTimeOffset l, DateTimeOffset r) => l.CompareTo(r),
        (DateTimeOffset l, string r) => TryTime(r, out var time) ? l.CompareTo(time) : -1,
        (string l, DateTimeOffset r) => TryTime(l, out var time) ? time.CompareTo(r) : 1,
        _ => string.CompareOrdinal(Text(left), Text(right)),
    };

    private static bool Test(FilterNode node, Scope scope) => node switch
    {
        FilterNode.Logical { IsAnd: true } both => Test(both.Left, scope) && Test(both.Right, scope),
        FilterNode.Logical either => Test(either.Left, scope) || Test(either.Right, scope),
        FilterNode.Not not => !Test(not.Operand, scope),
        FilterNode.Comparison comparison => Holds(comparison.Operator, Evaluate(comparison.Left, scope), Evaluate(comparison.Right, scope)),
        FilterNode.InSet set => Evaluate(set.Value, scope) is var value && set.Set.Any(s => Holds("eq", value, Evaluate(s, scope))),
        FilterNode.TextTest test => Contains(test, Evaluate(test.Text, scope) as string, Evaluate(test.Part, scope) as string),
        FilterNode.Lambda lambda => Lambda(lambda, scope),
        FilterNode.Truth truth => Evaluate(truth.Value, scope) is true,
        _ => throw new InvalidOperationException($"Unknown filter node {node.GetType().Name}."),
    };

    private static bool Lambda(FilterNode.Lambda lambda, Scope scope)
    {
        var elements = Walk(scope.Root(lambda.Collection.Variable), lambda.Collection.Path) as JsonArray ?? [];
        if (lambda.Body is null) return elements.Count > 0;
        return lambda.IsAll
            ? elements.All(e => Test(lambda.Body, new Scope(scope.Entity, lambda.Variable, e, scope)))
            : elements.Any(e => Test(lambda.Body, new Scope(scope.Entity, lambda.Variable, e, scope)));
    }

    private static bool Holds(string op, object? left, object? right)
    {
        // OData: an ordering against null is never true.
        if (op is not ("eq" or "ne") && (left is null || right is null)) return false;
        var order = Compare(left, right);
        return op switch
        {
            "eq" => order == 0,
            "ne" => order != 0,
            "gt" => order > 0,
            "ge" => order >= 0,
            "lt" => order < 0,
            _ => order <= 0,
        };
    }

    private static bool Contains(FilterNode.TextTest test, string? text, string? part)
    {
        if (text is null || part is null) return false;
        return test.Function switch
        {
            "startswith" => text.StartsWith(part, StringComparison.Ordinal),
            "endswith" => text.EndsWith(part, StringComparison.Ordinal),
            _ => text.Contains(part, StringComparison.Ordinal),
        };
    }

    private static object? Evaluate(FilterValue value, Scope scope) => value switch
    {
        FilterValue.Literal literal => literal.Value,
        FilterValue.Field field => Scalar(Walk(scope.Root(field.Variable), field.Path)),
        FilterValue.CaseChange { ToLower: true } change => (Evaluate(change.Operand, scope) as string)?.ToLowerInvariant(),
        FilterValue.CaseChange change => (Evaluate(change.Operand, scope) as string)?.ToUpperInvariant(),
        _ => throw new InvalidOperationException($"Unknown filter value {value.GetType().Name}."),
    };

    private static JsonNode? Walk(JsonNode? node, IReadOnlyList<string> path)
    {
        foreach (var name in path) node = (node as JsonObject)?[name];
        return node;
    }

    private static object? Scalar(JsonNode? node)
    {
        if (node is not JsonValue value) return null;
        return value.GetValueKind() switch
        {
            JsonValueKind.String => value.GetValue<string>(),
            JsonValueKind.Number => decimal.Parse(value.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture),
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => null,
        };
    }

    private static bool TryTime(string text, out DateTimeOffset time) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);

    private static string Text(object? value) => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";

    /// <summary>The entity and the variables around a condition.</summary>
    private sealed record Scope(JsonNode? Entity, string? Variable, JsonNode? Value, Scope? Outer)
    {
        public JsonNode? Root(string? variable)
        {
            if (variable is null) return Entity;
            return Variable == variable ? Value : Outer?.Root(variable);
        }
    }
}
