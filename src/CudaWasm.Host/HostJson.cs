using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using CudaWasm.Host.Commands;
using CudaWasm.Host.Demo;
using CudaWasm.Host.Worker;
using CudaWasm.Runtime;

namespace CudaWasm.Host;

/// <summary>Every JSON value the program prints.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(DemoReport))]
[JsonSerializable(typeof(RunReport))]
[JsonSerializable(typeof(CheckRunReport))]
[JsonSerializable(typeof(LaunchMergeResult))]
[JsonSerializable(typeof(KernelReport[]))]
[JsonSerializable(typeof(DeviceReport[]))]
[JsonSerializable(typeof(SimulatorAddress))]
[JsonSerializable(typeof(WorkerAddress))]
internal sealed partial class HostJson : JsonSerializerContext
{
    /// <summary>One line of JSON, so that a reader of lines has the whole value.</summary>
    public static void Write<T>(TextWriter output, T value, JsonTypeInfo<T> type)
    {
        output.WriteLine(JsonSerializer.Serialize(value, type));
        output.Flush();
    }
}
