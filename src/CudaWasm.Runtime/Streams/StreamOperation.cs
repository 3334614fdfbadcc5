namespace CudaWasm.Runtime;

internal enum StreamOperationKind
{
    Launch,
    CopyFromHost,
    CopyToHost,
    CopyBuffer,
    Fill,
    Record,
    Wait,
}

/// <summary>One entry of a stream's queue: a value, so that a queue makes no garbage.</summary>
internal readonly record struct StreamOperation(StreamOperationKind Kind)
{
    public PreparedLaunch? Launch { get; init; }

    /// <summary>The stream made the launch, and lets go of it.</summary>
    public bool IsOwned { get; init; }

    /// <summary>The number of the launch in its stream, from 1; of an event's record its number.</summary>
    public long Number { get; init; }

    public DeviceBuffer? Source { get; init; }

    public DeviceBuffer? Target { get; init; }

    public long SourceOffset { get; init; }

    public long TargetOffset { get; init; }

    /// <summary>Bytes.</summary>
    public long Length { get; init; }

    public ReadOnlyMemory<byte> From { get; init; }

    public Memory<byte> To { get; init; }

    public byte Value { get; init; }

    public DeviceEvent? Event { get; init; }

    public void Run(CancellationToken cancellationToken)
    {
        switch (Kind)
        {
            case StreamOperationKind.Launch:
                Launch!.RunAcquired(cancellationToken);
                break;
            case StreamOperationKind.CopyFromHost:
                Target!.CopyFrom(From.Span, TargetOffset);
                break;
            case StreamOperationKind.CopyToHost:
                Source!.CopyTo(To.Span, SourceOffset);
                break;
            case StreamOperationKind.CopyBuffer:
                Target!.CopyFrom(Source!, SourceOffset, TargetOffset, Length);
                break;
            case StreamOperationKind.Fill:
                Target!.Fill(Value, TargetOffset, Length);
                break;
            case StreamOperationKind.Wait:
                Event!.WaitFor(Number, cancellationToken);
                break;
            default:
                break;
        }
    }

    /// <summary>After it ran, or was passed over: whoever waits for an event must not wait for ever.</summary>
    public void Finish()
    {
        if (Kind == StreamOperationKind.Record) Event!.Complete(Number);
        if (Launch is null) return;
        Launch.Release();
        if (IsOwned) Launch.Dispose();
    }
}
