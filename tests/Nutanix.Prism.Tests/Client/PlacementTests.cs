using GpuPlatform;

namespace Nutanix.Prism.Tests.Client;

public class PlacementTests
{
    private const long GiB = 1L << 30;

    [Fact]
    public void The_smallest_gpu_that_is_large_enough_wins()
    {
        GpuHost[] hosts = [Host("big", Gpus("H100", 80, 2)), Host("fits", Gpus("A40", 48, 2)), Host("small", Gpus("T4", 16, 2))];

        GpuPlacementResult result = GpuPlacement.Rank(hosts, new GpuPlacementRequest { MemoryBytes = 40 * GiB });

        Assert.Equal(["fits", "big"], result.Candidates.Select(c => c.Host.Name));
        Assert.Equal([1, 2], result.Candidates.Select(c => c.Rank));
        Assert.Contains("less than 40 GiB", Assert.Single(result.Rejections).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void The_host_that_is_filled_up_best_wins()
    {
        GpuHost[] hosts = [Host("wide", Gpus("A40", 48, 4)), Host("tight", Gpus("A40", 48, 2))];

        Assert.Equal("tight", GpuPlacement.Rank(hosts, new GpuPlacementRequest { Model = "a40", Count = 2 }).Best!.Host.Name);
    }

    [Fact]
    public void Gpus_of_one_numa_node_are_taken_together()
    {
        GpuDevice[] gpus = [Gpu("g0", numa: 0), Gpu("g1", numa: 1), Gpu("g2", numa: 1), Gpu("g3", numa: 0, free: false)];

        GpuPlacementCandidate best = GpuPlacement.Rank([Host("h", gpus)], new GpuPlacementRequest { Count = 2 }).Require();

        Assert.Equal(["g1", "g2"], best.Gpus.Select(g => g.Id));
        Assert.Contains("on one NUMA node", best.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Kinds_are_not_mixed()
    {
        GpuHost host = Host("mixed", [.. Gpus("A40", 48, 1), .. Gpus("T4", 16, 1)]);

        GpuPlacementResult result = GpuPlacement.Rank([host], new GpuPlacementRequest { Count = 2 });

        Assert.Null(result.Best);
        Assert.Contains("no 2 of one kind", Assert.Single(result.Rejections).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_reason_against_a_host_is_told()
    {
        GpuHost[] hosts =
        [
            Host("amd", [Gpu("x", model: "MI210", vendor: GpuVendor.Amd)]),
            Host("busy", [Gpu("y", free: false)]),
            Host("down", Gpus("A40", 48, 1)) with { IsAvailable = false },
            Host("other", Gpus("A40", 48, 1)) with { ClusterId = "c2" },
            Host("shared", [Gpu("z") with { Mode = GpuMode.Virtual }]),
            Host("wrong", Gpus("T4", 16, 1)),
        ];
        var request = new GpuPlacementRequest { Vendor = GpuVendor.Nvidia, Model = "A40", Mode = GpuMode.PassthroughCompute, ClusterId = "c1" };

        var e = Assert.Throws<NoFreeGpuException>(() => GpuPlacement.Rank(hosts, request).Require());

        Assert.Contains("amd: it has no Nvidia GPU", e.Message, StringComparison.Ordinal);
        Assert.Contains("busy: 0 of 1 fitting GPUs are free, 1 needed", e.Message, StringComparison.Ordinal);
        Assert.Contains("down: it is in maintenance", e.Message, StringComparison.Ordinal);
        Assert.Contains("other: it belongs to another cluster", e.Message, StringComparison.Ordinal);
        Assert.Contains("shared: it has no GPU in mode PassthroughCompute", e.Message, StringComparison.Ordinal);
        Assert.Contains("wrong: it has no A40, only T4", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_order_of_the_hosts_does_not_matter()
    {
        GpuHost[] hosts = [.. Enumerable.Range(0, 20).Select(i => Host($"h{i:00}", Gpus(i % 2 == 0 ? "A40" : "T4", i % 2 == 0 ? 48 : 16, (i % 3) + 1)))];
        var request = new GpuPlacementRequest { Count = 1 };

        Assert.Equal(
            GpuPlacement.Rank(hosts, request).Candidates.Select(c => c.Host.Name),
            GpuPlacement.Rank(hosts.Reverse(), request).Candidates.Select(c => c.Host.Name));
    }

    [Fact]
    public void An_estate_without_gpus_is_told_as_such()
    {
        var e = Assert.Throws<NoFreeGpuException>(() => GpuPlacement.Rank([], new GpuPlacementRequest()).Require());

        Assert.Contains("no hosts with GPUs", e.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => GpuPlacement.Rank([], new GpuPlacementRequest { Count = 0 }));
    }

    private static GpuHost Host(string name, GpuDevice[] gpus) => new() { Id = name, Name = name, ClusterId = "c1", Gpus = gpus };

    private static GpuDevice[] Gpus(string model, long gib, int count) =>
        [.. Enumerable.Range(0, count).Select(i => Gpu($"{model}-{i}", model, gib))];

    private static GpuDevice Gpu(
        string id, string model = "A40", long gib = 48, int? numa = null, bool free = true, GpuVendor vendor = GpuVendor.Nvidia) => new()
        {
            Id = id,
            Model = model,
            Vendor = vendor,
            Mode = GpuMode.PassthroughCompute,
            MemoryBytes = gib * GiB,
            NumaNode = numa,
            PciAddress = $"0000:{id}",
            IsFree = free,
        };
}
