using YamlDotNet.Serialization;

namespace GpuPlatform.Manifests.Kubernetes;

/// <summary>An object of the Kubernetes API. Derived types hold the fields this project writes, named as the API names them.</summary>
public abstract record KubernetesObject
{
    private protected KubernetesObject(string apiVersion, string kind)
    {
        ApiVersion = apiVersion;
        Kind = kind;
    }

    [YamlMember(Order = -3)]
    public string ApiVersion { get; }

    [YamlMember(Order = -2)]
    public string Kind { get; }

    [YamlMember(Order = -1)]
    public required ObjectMeta Metadata { get; init; }

    /// <summary>This object as one YAML document.</summary>
    public string ToYaml() => ManifestYaml.Serialize(this);
}

public sealed record ObjectMeta
{
    public string? Name { get; init; }

    public string? Namespace { get; init; }

    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    public IReadOnlyDictionary<string, string>? Annotations { get; init; }
}

public sealed record LabelSelector
{
    public IReadOnlyDictionary<string, string>? MatchLabels { get; init; }
}
