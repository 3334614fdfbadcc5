namespace Nutanix.Prism;

/// <summary>A task neither ended nor moved for the time allowed. It was not cancelled.</summary>
public sealed class PrismTaskStalledException : PrismException
{
    public PrismTaskStalledException(string message, string taskExtId)
        : base(message) => TaskExtId = taskExtId;

    /// <summary>The task that may still end.</summary>
    public string TaskExtId { get; }
}
