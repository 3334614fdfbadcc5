namespace Nutanix.Prism.V4;

/// <summary>
/// A namespace of the v4 API, the versions of it this client speaks (newest first), and a collection that every one of
/// them has, to find out by asking.
/// </summary>
internal sealed class ApiNamespace
{
    public static readonly ApiNamespace ClusterMgmt = new("clustermgmt", newestMinor: 3, "config/clusters");
    public static readonly ApiNamespace Vmm = new("vmm", newestMinor: 3, "ahv/config/vms");
    public static readonly ApiNamespace Prism = new("prism", newestMinor: 4, "config/tasks");
    public static readonly ApiNamespace Networking = new("networking", newestMinor: 4, "config/subnets");

    public static readonly IReadOnlyList<ApiNamespace> All = [ClusterMgmt, Vmm, Prism, Networking];

    private ApiNamespace(string name, int newestMinor, string collection)
    {
        Name = name;
        Collection = collection;
        Versions = [.. Enumerable.Range(0, newestMinor + 1).Reverse().Select(minor => ApiVersion.Of(4, minor))];
    }

    public string Name { get; }

    public string Collection { get; }

    public IReadOnlyList<ApiVersion> Versions { get; }

    public string PathOf(ApiVersion version, string path) => $"api/{Name}/{version}/{path}";

    public override string ToString() => Name;
}
