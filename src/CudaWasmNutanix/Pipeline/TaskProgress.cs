using System.Management.Automation;
using Nutanix.Prism;

namespace CudaWasmNutanix.Pipeline;

/// <summary>Shows a Prism task as PowerShell progress, with the task's own percentage.</summary>
/// <remarks>Not <see cref="Progress{T}"/>: that one reports later and out of order, after the bar is gone.</remarks>
public sealed class TaskProgress : IProgress<PrismTask>
{
    private static int _lastId;

    private readonly PipelineWriter _writer;
    private readonly string _activity;
    private readonly int _id = Interlocked.Increment(ref _lastId);

    /// <param name="writer">Where to say it.</param>
    /// <param name="activity">What is being done, for example <c>Creating trainer-1</c>.</param>
    public TaskProgress(PipelineWriter writer, string activity)
    {
        _writer = writer;
        _activity = activity;
    }

    public void Report(PrismTask value)
    {
        string operation = value.OperationDescription ?? value.Operation ?? "Task";
        _writer.Progress(new ProgressRecord(_id, _activity, $"{operation}: {value.Status}")
        {
            PercentComplete = Math.Clamp(value.ProgressPercent, 0, 100),
        });
    }

    /// <summary>Takes the bar away.</summary>
    public void Complete() =>
        _writer.Progress(new ProgressRecord(_id, _activity, "Done") { RecordType = ProgressRecordType.Completed });
}
