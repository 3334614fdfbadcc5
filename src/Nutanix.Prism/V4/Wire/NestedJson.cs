using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Nutanix.Prism.V4.Wire;

/// <summary>Reads a value where the reader stands.</summary>
internal static class NestedJson
{
    /// <summary>
    /// As <c>JsonSerializer.Deserialize(ref reader, type)</c>, which looks for the value's end first: within a converter that would go
    /// over each value once for every level it lies deep.
    /// </summary>
    public static T? Read<T>(ref Utf8JsonReader reader, JsonTypeInfo<T> type) =>
        ((JsonConverter<T>)type.Converter).Read(ref reader, typeof(T), type.Options);
}
