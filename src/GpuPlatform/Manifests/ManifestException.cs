namespace GpuPlatform.Manifests;

/// <summary>One thing wrong with what a document was asked to hold.</summary>
/// <param name="Field">The option at fault, with its key or index: <c>Labels["a b"]</c>.</param>
/// <param name="Value">The value given, cut to a readable length.</param>
/// <param name="Rule">What the value must be.</param>
public sealed record ManifestError(string Field, string Value, string Rule)
{
    public override string ToString() => $"{Field} '{Value}': {Rule}.";
}

/// <summary>A document could not be made: every fault found, not only the first.</summary>
public sealed class ManifestException : ArgumentException
{
    public ManifestException(IReadOnlyList<ManifestError> errors)
        : base(string.Join(" ", errors))
    {
        Errors = errors;
    }

    public IReadOnlyList<ManifestError> Errors { get; }
}
