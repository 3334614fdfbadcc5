using System.Collections;
using System.Management.Automation;

namespace CudaWasmNutanix.Pipeline;

/// <summary>
/// Keeps a typed array whole: <c>-ArgumentList $x</c> with a <c>float[]</c> is one argument, though PowerShell would make a
/// list of its elements. A list of arguments is what the comma makes: an <c>object[]</c>.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ArgumentListTransformationAttribute : ArgumentTransformationAttribute
{
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object value = Unwrap(inputData);
        return value switch
        {
            object[] list => Array.ConvertAll(list, Unwrap),
            _ => new[] { value },
        };
    }

    /// <summary>PowerShell wraps values in PSObject; the caller's own array is inside.</summary>
    private static object Unwrap(object value) => (value is PSObject wrapped ? wrapped.BaseObject : value) switch
    {
        Hashtable table => new Hashtable(table.Cast<DictionaryEntry>().ToDictionary(entry => entry.Key, entry => entry.Value is null ? null : Unwrap(entry.Value))),
        var plain => plain,
    };
}
