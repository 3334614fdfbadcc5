using System.ComponentModel;
using System.Diagnostics;
using System.Net;
using GpuPlatform.Kubernetes;
using GpuPlatform.Manifests.Kubernetes;
using GpuPlatform.Workers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace GpuPlatform.Tests.Platform;

/// <summary>The provider of Kubernetes, through the real kubectl, on a cluster of the test's own.</summary>
public sealed class KubernetesPlatformTests
{
    private const string Deployments = "/apis/apps/v1/namespaces/gpu/deployments";

    private const string RunningPod = """
        {"kind":"Pod","apiVersion":"v1","metadata":{"name":"w1-0","namespace":"gpu","labels":{"app.kubernetes.io/name":"w1"}},
         "spec":{"containers":[{"name":"w1","ports":[{"containerPort":8080,"name":"http"}]}]},"status":{"phase":"Running","conditions":[{"type":"Ready","status":"True"}]}}
        """;

    private static readonly KubernetesWorkerRequest Worker = new()
    {
        Manifest = new NkeManifestOptions { Name = "w1", Namespace = "gpu", Image = "registry.example/cuda-wasm:1.0", GpuCount = 2, MaxReplicas = 1 },
    };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_worker_is_provisioned_listed_and_removed_and_nothing_else_is_touched()
    {
        RequireKubectl();
        using var cluster = new LocalCluster();
        cluster.Add("/api/v1/namespaces/gpu", """{"kind":"Namespace","apiVersion":"v1","metadata":{"name":"gpu"}}""");
        cluster.Add("/api/v1/namespaces/gpu/configmaps/mine", """{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"mine","namespace":"gpu","labels":{"app":"mine"}}}""");
        string[] before = [.. cluster.Objects];
        KubernetesPlatform platform = Open(cluster);

        GpuWorker made = await platform.ProvisionAsync(Worker, null, Stop);

        Assert.Equal(("w1", WorkerState.Ready, 2), (made.Name, made.State, made.GpuCount));
        Assert.Equal("http://w1.gpu.svc:8080/", made.Endpoint?.AbsoluteUri);
        Assert.All(cluster.Objects.Except(before), path => Assert.Equal("w1", (string?)cluster[path]["metadata"]!["labels"]![KubernetesPlatform.WorkerLabel]));
        Assert.Null(cluster["/api/v1/namespaces/gpu"]["metadata"]!["labels"]);
        Assert.Equal([made], await platform.GetWorkersAsync(Stop).ToListAsync(Stop));

        await platform.RemoveAsync(made, null, Stop);

        Assert.Equal(before, cluster.Objects);
        await Assert.ThrowsAsync<PlatformException>(() => platform.RemoveAsync(made, null, Stop));
    }

    [Fact]
    public async Task What_the_cluster_refuses_is_told_and_what_was_made_before_is_removed_with_the_namespace()
    {
        RequireKubectl();
        using var cluster = new LocalCluster { RefusedKind = "Deployment" };

        PlatformException e = await Assert.ThrowsAsync<PlatformException>(() => Open(cluster).ProvisionAsync(Worker, null, Stop));

        Assert.Contains("no Deployment today", e.Message, StringComparison.Ordinal);
        Assert.Contains("objects and the namespace were removed again", e.Message, StringComparison.Ordinal);
        Assert.Contains("POST /api/v1/namespaces", cluster.Calls);
        Assert.Empty(cluster.Objects);
    }

    [Fact]
    public async Task Pods_that_never_become_ready_are_explained_in_the_clusters_words()
    {
        RequireKubectl();
        using var cluster = new LocalCluster { NeverReady = true };
        cluster.Add("/api/v1/namespaces/gpu", """{"kind":"Namespace","apiVersion":"v1","metadata":{"name":"gpu"}}""");
        cluster.Add("/api/v1/namespaces/gpu/pods/w1-0", """
            {"kind":"Pod","apiVersion":"v1","metadata":{"name":"w1-0","namespace":"gpu","labels":{"cuda-wasm/worker":"w1"}},"spec":{"containers":[]},
             "status":{"phase":"Pending","conditions":[{"type":"PodScheduled","status":"False","message":"0/3 nodes are available: 3 Insufficient nvidia.com/gpu."}]}}
            """);

        PlatformException e = await Assert.ThrowsAsync<PlatformException>(() =>
            Open(cluster).ProvisionAsync(Worker with { ReadyTimeout = TimeSpan.FromSeconds(1) }, null, Stop));

        Assert.Contains("3 Insufficient nvidia.com/gpu", e.Message, StringComparison.Ordinal);
        Assert.Contains("removed again", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain($"{Deployments}/w1", cluster.Objects);
        Assert.Contains("/api/v1/namespaces/gpu", cluster.Objects);
    }

    [Fact]
    public async Task What_is_kept_on_failure_is_still_there()
    {
        RequireKubectl();
        using var cluster = new LocalCluster { NeverReady = true };
        KubernetesPlatform platform = Open(cluster);

        PlatformException e = await Assert.ThrowsAsync<PlatformException>(() =>
            platform.ProvisionAsync(Worker with { ReadyTimeout = TimeSpan.FromSeconds(1), KeepOnFailure = true }, null, Stop));

        Assert.Contains("kept", e.Message, StringComparison.Ordinal);
        Assert.Equal(WorkerState.Starting, (await platform.GetWorkersAsync(Stop).SingleAsync(Stop)).State);
    }

    [Fact]
    public async Task An_object_that_is_there_already_is_neither_changed_nor_removed()
    {
        RequireKubectl();
        using var cluster = new LocalCluster();
        cluster.Add("/api/v1/namespaces/gpu", """{"kind":"Namespace","apiVersion":"v1","metadata":{"name":"gpu"}}""");
        cluster.Add($"{Deployments}/w1", """{"kind":"Deployment","apiVersion":"apps/v1","metadata":{"name":"w1","namespace":"gpu"},"spec":{}}""");
        string[] before = [.. cluster.Objects];

        PlatformException e = await Assert.ThrowsAsync<PlatformException>(() => Open(cluster).ProvisionAsync(Worker, null, Stop));

        Assert.Contains("deployment.apps/w1 already", e.Message, StringComparison.Ordinal);
        Assert.Equal(before, cluster.Objects);
        Assert.DoesNotContain(cluster.Calls, c => c.StartsWith("POST", StringComparison.Ordinal) || c.StartsWith("DELETE", StringComparison.Ordinal) || c.StartsWith("PATCH", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Nodes_tell_their_gpus_and_pods_which_of_them_are_taken()
    {
        RequireKubectl();
        using var cluster = new LocalCluster();
        cluster.Add("/api/v1/nodes/n1", """
            {"kind":"Node","apiVersion":"v1","metadata":{"name":"n1","uid":"u1","labels":{"nvidia.com/gpu.product":"NVIDIA-A40","nvidia.com/gpu.memory":"46068"}},
             "status":{"conditions":[{"type":"Ready","status":"True"}],"capacity":{"cpu":"64","memory":"512Gi"},"allocatable":{"cpu":"63","nvidia.com/gpu":"4","nvidia.com/mig-1g.10gb":"2"}}}
            """);
        cluster.Add("/api/v1/nodes/n2", """{"kind":"Node","apiVersion":"v1","metadata":{"name":"n2"},"status":{"allocatable":{"cpu":"8","gpu.intel.com/memory.max":"16Gi"}}}""");
        cluster.Add("/api/v1/namespaces/x/pods/p", """
            {"kind":"Pod","apiVersion":"v1","metadata":{"name":"p","namespace":"x"},"spec":{"nodeName":"n1","containers":[{"name":"c","resources":{"limits":{"nvidia.com/gpu":"3"}}}]},"status":{"phase":"Running"}}
            """);

        GpuHost host = await Open(cluster).GetGpuHostsAsync(null, Stop).SingleAsync(Stop);

        Assert.Equal(("n1", "lab", 64, 512L << 30), (host.Name, host.ClusterName, host.CpuThreads, host.MemoryBytes));
        Assert.Equal((6, 3), (host.GpuCount, host.FreeGpuCount));
        Assert.Equal(["mig-1g.10gb", "NVIDIA-A40"], host.Models);
        Assert.All(host.Gpus, g => Assert.Equal(GpuVendor.Nvidia, g.Vendor));
        Assert.Equal(46068L << 20, host.Gpus[0].MemoryBytes);
    }

    [Fact]
    public async Task A_way_leads_to_the_worker_and_is_gone_when_it_is_closed()
    {
        RequireKubectl();
        await using WebApplication worker = StartWorker();
        using var cluster = new LocalCluster { ReadyAtOnce = true, ForwardTo = IPEndPoint.Parse(new Uri(worker.Urls.Single()).Authority) };
        KubernetesPlatform platform = Open(cluster);
        GpuWorker made = await platform.ProvisionAsync(Worker, null, Stop);
        cluster.Add("/api/v1/namespaces/gpu/pods/w1-0", RunningPod);
        using var http = new HttpClient();
        Uri here;

        await using (WorkerConnection way = await platform.ConnectAsync(made, Stop))
        {
            here = way.Endpoint;
            Assert.True(here.IsLoopback);
            Assert.Equal("published saxpy", await (await http.PutAsync(new Uri(here, "v1/kernels/saxpy"), new StringContent("saxpy"), Stop)).Content.ReadAsStringAsync(Stop));
        }

        using var later = new HttpClient();
        await Assert.ThrowsAsync<HttpRequestException>(() => later.GetAsync(here, Stop));
    }

    [Fact]
    public async Task A_way_that_the_cluster_does_not_allow_is_an_error_in_its_words()
    {
        RequireKubectl();
        using var cluster = new LocalCluster { ReadyAtOnce = true };
        KubernetesPlatform platform = Open(cluster);
        GpuWorker made = await platform.ProvisionAsync(Worker, null, Stop);
        cluster.Add("/api/v1/namespaces/gpu/pods/w1-0", RunningPod);

        PlatformException e = await Assert.ThrowsAsync<PlatformException>(() => platform.ConnectAsync(made, Stop));

        Assert.Contains("port-forward", e.Message, StringComparison.Ordinal);
        Assert.Contains(cluster.Calls, c => c.EndsWith("/pods/w1-0/portforward", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_context_that_is_not_there_is_named()
    {
        RequireKubectl();
        using var cluster = new LocalCluster();

        PlatformException e = await Assert.ThrowsAsync<PlatformException>(async () =>
            await new KubernetesPlatform(new Kubectl("elsewhere", cluster.Kubeconfig)).GetWorkersAsync(Stop).ToListAsync(Stop));

        Assert.Contains("elsewhere", e.Message, StringComparison.Ordinal);
    }

    private static KubernetesPlatform Open(LocalCluster cluster) => new(new Kubectl("lab", cluster.Kubeconfig));

    private static WebApplication StartWorker()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebApplication worker = builder.Build();
        worker.MapPut("/v1/kernels/{name}", (string name) => $"published {name}");
        worker.Start();
        return worker;
    }

    private static void RequireKubectl()
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo("kubectl", ["version", "--client"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            process.WaitForExit();
        }
        catch (Win32Exception)
        {
            Assert.Skip("There is no kubectl on the PATH.");
        }
    }
}
