namespace Nutanix.Prism;

/// <summary>A name that stands for several entities, where one is needed. Prism names are not unique.</summary>
public sealed class PrismAmbiguousNameException : PrismException
{
    public PrismAmbiguousNameException(string message, IReadOnlyList<string> candidates)
        : base(message) => Candidates = candidates;

    /// <summary>What the name could mean: extIds, or names where the entities have no id.</summary>
    public IReadOnlyList<string> Candidates { get; }
}
