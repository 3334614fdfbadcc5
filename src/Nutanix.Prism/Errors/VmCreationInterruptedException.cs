namespace Nutanix.Prism;

/// <summary>
/// The creation of a virtual machine was cancelled after it had been asked for, so that something may remain on the
/// server. The message says what; nothing is removed behind the caller's back.
/// </summary>
public sealed class VmCreationInterruptedException : OperationCanceledException
{
    public VmCreationInterruptedException(
        string message, string name, string? taskExtId, string? vmExtId, Exception? innerException, CancellationToken token)
        : base(message, innerException, token) => (Name, TaskExtId, VmExtId) = (name, taskExtId, vmExtId);

    /// <summary>The name asked for.</summary>
    public string Name { get; }

    /// <summary>The task that goes on without us, where its id is known.</summary>
    public string? TaskExtId { get; }

    /// <summary>The virtual machine that exists, where its id is known.</summary>
    public string? VmExtId { get; }
}
