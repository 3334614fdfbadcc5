using System.Collections;
using System.Management.Automation;

namespace CudaWasmNutanix.Pipeline;

/// <summary>Takes macros as a table, <c>@{ N = 1024 }</c>, or as a compiler takes them, <c>'N=1024', 'DEBUG'</c>.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class DefineTransformationAttribute : ArgumentTransformationAttribute
{
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) => ToTable(inputData);

    /// <summary>The macros that a value of -Define means, by name.</summary>
    internal static Hashtable ToTable(object inputData)
    {
        object value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        var table = new Hashtable(StringComparer.Ordinal);
        if (value is IDictionary macros)
        {
            foreach (DictionaryEntry macro in macros)
            {
                table[LanguagePrimitives.ConvertTo<string>(macro.Key)] = LanguagePrimitives.ConvertTo<string>(macro.Value);
            }

            return table;
        }

        foreach (object item in value as IEnumerable<object> ?? [value])
        {
            string[] parts = LanguagePrimitives.ConvertTo<string>(item).Split('=', 2);
            // As for every C compiler, a macro that is only named is 1.
            table[parts[0]] = parts.Length == 2 ? parts[1] : "1";
        }

        return table;
    }
}
