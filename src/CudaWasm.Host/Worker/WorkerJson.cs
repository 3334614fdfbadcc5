using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace CudaWasm.Host.Worker;

/// <summary>Every JSON value of the worker's API.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(ProblemDocument))]
[JsonSerializable(typeof(KernelSource))]
[JsonSerializable(typeof(StoredKernel))]
[JsonSerializable(typeof(KernelInfo))]
[JsonSerializable(typeof(KernelList))]
[JsonSerializable(typeof(LaunchReport))]
[JsonSerializable(typeof(JobInfo))]
[JsonSerializable(typeof(JobList))]
[JsonSerializable(typeof(HealthReport))]
internal sealed partial class WorkerJson : JsonSerializerContext
{
    public static Task WriteAsync<T>(HttpResponse response, T value, JsonTypeInfo<T> type, string contentType = "application/json")
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(value, type);
        response.ContentType = contentType;
        response.ContentLength = body.Length;
        return response.Body.WriteAsync(body).AsTask();
    }
}
