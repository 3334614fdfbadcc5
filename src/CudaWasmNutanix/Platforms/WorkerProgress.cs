using System.Management.Automation;
using CudaWasmNutanix.Pipeline;

namespace CudaWasmNutanix.Platforms;

/// <summary>Shows the steps of a platform as PowerShell progress and in the verbose stream.</summary>
internal sealed class WorkerProgress(PipelineWriter writer, string activity) : IProgress<string>
{
    private const int Id = 7341;

    private string? _last;

    public void Report(string value)
    {
        writer.Progress(new ProgressRecord(Id, activity, value));
        if (value != _last)
        {
            writer.Verbose(value);
            _last = value;
        }
    }

    /// <summary>Takes the bar away.</summary>
    public void Complete() => writer.Progress(new ProgressRecord(Id, activity, "Done") { RecordType = ProgressRecordType.Completed });
}
