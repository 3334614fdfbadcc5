using System.Collections;
using System.Management.Automation;
using Nutanix.Prism;

namespace CudaWasmNutanix.Session;

/// <summary>What -ApiVersion says.</summary>
/// <param name="Generation">v3, v4, or whichever the server answers to.</param>
/// <param name="Namespaces">Versions by namespace; null where none is fixed.</param>
public sealed record ApiVersionChoice(PrismApiGeneration Generation, IReadOnlyDictionary<string, string>? Namespaces)
{
    private static readonly string[] All = ["clustermgmt", "vmm", "prism", "networking"];

    /// <param name="text"><c>auto</c>, <c>v3</c>, <c>v4</c>, or a v4 version.</param>
    /// <exception cref="ArgumentException">It is none of these.</exception>
    public static ApiVersionChoice Parse(string text) => text.Trim().ToLowerInvariant() switch
    {
        "auto" => new(PrismApiGeneration.Auto, null),
        "v3" or "v3.1" => new(PrismApiGeneration.V3, null),
        "v4" => new(PrismApiGeneration.V4, null),
        ['v', '4', '.', ..] version => new(PrismApiGeneration.V4, All.ToDictionary(n => n, _ => version, StringComparer.Ordinal)),
        _ => throw new ArgumentException($"'{text}' is not an API version: give v3, v4, a version such as v4.0, or a table such as @{{ vmm = 'v4.0' }}."),
    };
}

/// <summary>Takes a text or a table.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ApiVersionTransformationAttribute : ArgumentTransformationAttribute
{
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        try
        {
            return value switch
            {
                ApiVersionChoice choice => choice,
                IDictionary table => new ApiVersionChoice(
                    PrismApiGeneration.V4,
                    table.Cast<DictionaryEntry>().ToDictionary(v => $"{v.Key}", v => $"{v.Value}", StringComparer.Ordinal)),
                _ => ApiVersionChoice.Parse($"{value}"),
            };
        }
        catch (ArgumentException exception)
        {
            throw new ArgumentTransformationMetadataException(exception.Message, exception);
        }
    }
}
