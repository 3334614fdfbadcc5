namespace GpuPlatform.Manifests.Kubernetes;

/// <summary>
/// The Kubernetes objects of a GPU workload, in the order they are applied. Pods meet the Restricted Pod Security Standard, hold no
/// service account token, and are placed by their own vendor's resource, labels and taints.
/// </summary>
public sealed class NkeManifest
{
    /// <summary>Where the volume for compiled kernels is mounted.</summary>
    public const string CachePath = "/var/cache/cuda-wasm";

    /// <summary>Where <see cref="NkeManifestOptions.Files"/> are mounted.</summary>
    public const string FilesPath = "/etc/cuda-wasm";

    /// <summary>Where the secret with API keys is mounted.</summary>
    public const string KeysPath = "/etc/cuda-wasm-keys";

    internal const string ReadWriteOnce = "ReadWriteOnce";
    internal const string ReadWriteMany = "ReadWriteMany";

    private readonly string _filesName;

    private NkeManifest(NkeManifestOptions options)
    {
        var workload = new NkeWorkload(options);
        _filesName = workload.FilesName;
        Objects = [.. workload.CreateObjects()];
    }

    public IReadOnlyList<KubernetesObject> Objects { get; }

    /// <exception cref="ManifestException">An option breaks a rule of Kubernetes; every fault is named.</exception>
    public static NkeManifest Create(NkeManifestOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        NkeManifestValidator.Validate(options);
        return new NkeManifest(options);
    }

    /// <summary>All objects as one YAML stream, as <c>kubectl apply -f -</c> takes it.</summary>
    public string ToYaml() => ManifestYaml.SerializeStream(Objects);

    /// <summary>
    /// Writes a file an object into a folder, numbered so that <c>kubectl apply -f FOLDER</c> makes them in order. Each file is whole
    /// or not there. Returns the full paths.
    /// </summary>
    public IReadOnlyList<string> WriteToFolder(string folder) =>
        [.. Objects.Select((o, i) => ManifestFiles.Write(Path.Combine(folder, $"{i:D2}-{FileName(o)}.yaml"), o.ToYaml()))];

    /// <summary>
    /// The same with a <c>kustomization.yaml</c> that lists the files, for <c>kubectl apply -k FOLDER</c> and for overlays. It is
    /// written last: a reader finds a list whose files are there.
    /// </summary>
    public IReadOnlyList<string> WriteToKustomization(string folder)
    {
        var files = WriteToFolder(folder);
        var list = new Kustomization { Resources = [.. files.Select(f => Path.GetFileName(f))] };
        return [.. files, ManifestFiles.Write(Path.Combine(folder, "kustomization.yaml"), ManifestYaml.Serialize(list))];
    }

    /// <summary>Writes all objects into one file; the file is whole or as it was before. Returns the full path.</summary>
    public string WriteToFile(string path) => ManifestFiles.Write(path, ToYaml());

    private string FileName(KubernetesObject o) => o switch
    {
        ConfigMap when o.Metadata.Name == _filesName => "configmap-files",
        Service { Spec.ClusterIP: NkeWorkload.Headless } => "service-pods",
        _ => o.Kind.ToLowerInvariant(),
    };
}
