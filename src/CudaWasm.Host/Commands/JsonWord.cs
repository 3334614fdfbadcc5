namespace CudaWasm.Host.Commands;

/// <summary>Names of enumerations as JSON spells them: <c>warpShuffle</c>.</summary>
internal static class JsonWord
{
    public static string Of<T>(T value)
        where T : struct, Enum
    {
        var name = value.ToString();
        return char.ToLowerInvariant(name[0]) + name[1..];
    }
}
