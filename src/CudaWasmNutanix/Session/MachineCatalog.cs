using Nutanix.Prism;

namespace CudaWasmNutanix.Session;

/// <summary>The images and subnets of a Prism Central, read once, to find what a person names.</summary>
internal sealed class MachineCatalog(PrismClient client)
{
    private List<PrismImage>? _images;
    private List<PrismSubnet>? _subnets;
    private List<PrismCategory>? _categories;

    /// <summary>The disk image of that name or extId, one that the cluster holds if there is a choice.</summary>
    public async Task<PrismImage> FindImageAsync(string nameOrId, string clusterId, CancellationToken cancellationToken)
    {
        _images ??= await client.GetImagesAsync(cancellationToken).ToListAsync(cancellationToken).ConfigureAwait(false);
        // An image that only another cluster holds is copied when it is used; it is second choice, not a mistake.
        PrismImage[] near = [.. _images.Where(image => image.ClusterIds.Count == 0 || image.ClusterIds.Contains(clusterId))];
        bool known = near.Any(image => string.Equals(image.Name, nameOrId, StringComparison.OrdinalIgnoreCase));
        return NameResolver.Resolve(nameOrId, "image", known ? near : [.. _images], image => image.ExtId, image => image.Name);
    }

    /// <summary>The subnets of those names or extIds on the cluster.</summary>
    public async Task<IReadOnlyList<PrismSubnet>> FindSubnetsAsync(IReadOnlyList<string> namesOrIds, string clusterId, CancellationToken cancellationToken)
    {
        if (namesOrIds.Count == 0)
        {
            return [];
        }

        _subnets ??= await client.GetSubnetsAsync(cancellationToken).ToListAsync(cancellationToken).ConfigureAwait(false);
        PrismSubnet[] near = [.. _subnets.Where(subnet => subnet.ClusterIds.Count == 0 || subnet.ClusterIds.Contains(clusterId))];
        return [.. namesOrIds.Select(name => NameResolver.Resolve(name, "subnet of the host's cluster", near, subnet => subnet.ExtId, subnet => subnet.Name))];
    }

    /// <summary>The extIds of categories, by <c>key:value</c> or extId.</summary>
    /// <exception cref="PrismNotFoundException">There is no such category.</exception>
    public async Task<IReadOnlyList<string>> FindCategoriesAsync(IReadOnlyList<string> namesOrIds, CancellationToken cancellationToken)
    {
        if (namesOrIds.All(n => Guid.TryParse(n, out _)))
        {
            return namesOrIds;
        }

        _categories ??= await client.GetCategoriesAsync(cancellationToken).ToListAsync(cancellationToken).ConfigureAwait(false);
        return [.. namesOrIds.Select(name => NameResolver.Resolve(name, "category", _categories, category => category.ExtId, category => category.Name).ExtId)];
    }
}
