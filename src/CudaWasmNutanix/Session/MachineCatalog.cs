using Nutanix.Prism;

namespace CudaWasmNutanix.Session;

/// <summary>What machines refer to, read once from a Prism Central, to find what a person names.</summary>
internal sealed class MachineCatalog(PrismClient client)
{
    private List<PrismImage>? _images;
    private List<PrismSubnet>? _subnets;
    private List<PrismCategory>? _categories;
    private List<PrismProject>? _projects;
    private List<PrismHostAffinityPolicy>? _policies;

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

    /// <summary>The extId of a project, by name or extId. An extId is taken as it is where the server has no list.</summary>
    /// <exception cref="PrismNotFoundException">There is no such project.</exception>
    public async Task<string> FindProjectAsync(string nameOrId, CancellationToken cancellationToken)
    {
        try
        {
            _projects ??= await client.GetProjectsAsync(cancellationToken).ToListAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (PrismException) when (Guid.TryParse(nameOrId, out _))
        {
            return nameOrId;
        }

        return NameResolver.Resolve(nameOrId, "project", _projects, project => project.ExtId, project => project.Name).ExtId;
    }

    /// <summary>The categories that put a machine under host affinity policies, given by name or extId.</summary>
    /// <exception cref="PrismNotFoundException">There is no such policy.</exception>
    /// <exception cref="PrismException">A policy has no machine or no host category, so that it would bind nothing or forbid every host.</exception>
    public async Task<IReadOnlyList<string>> FindAffinityCategoriesAsync(IReadOnlyList<string> namesOrIds, CancellationToken cancellationToken)
    {
        if (namesOrIds.Count == 0)
        {
            return [];
        }

        _policies ??= await client.GetHostAffinityPoliciesAsync(cancellationToken).ToListAsync(cancellationToken).ConfigureAwait(false);
        var categories = new List<string>();
        foreach (string name in namesOrIds)
        {
            PrismHostAffinityPolicy policy = NameResolver.Resolve(name, "host affinity policy", _policies, p => p.ExtId, p => p.Name);
            if (policy.VmCategories.Count == 0 || policy.HostCategories.Count == 0)
            {
                throw new PrismException($"The host affinity policy '{policy.Name}' has no {(policy.VmCategories.Count == 0 ? "machine" : "host")} category, so it cannot place a machine. Complete it in Prism, or leave it out.");
            }

            // Any one of them puts the machine under the policy.
            categories.Add(policy.VmCategories[0]);
        }

        return categories;
    }
}
