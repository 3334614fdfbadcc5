using System.Collections;

namespace CudaWasmNutanix.Pipeline;

/// <summary>What <see cref="DefineTransformationAttribute"/> made of -Define, as the compiler takes it.</summary>
internal static class Macros
{
    public static Dictionary<string, string> Of(Hashtable? define) =>
        (define ?? []).Cast<DictionaryEntry>().ToDictionary(macro => (string)macro.Key, macro => (string)macro.Value!, StringComparer.Ordinal);
}
