using Nutanix.Prism.Simulator;
using Nutanix.Prism.Simulator.Faults;
using Nutanix.Prism.Tests.EndToEnd;

namespace Nutanix.Prism.Tests.Soak;

/// <summary>Two thousand mixed operations while a fifth of all requests, and many tasks, go wrong.</summary>
public sealed class SoakTests
{
    private static readonly SimulatorOptions Estate = new() { Clusters = 2, Hosts = 12, GpusPerHost = 8, Vms = 10, GpuModels = ["A100-80GB", "A40", "MI210"], TaskDurationScale = 0.2 };

    [Theory]
    [InlineData(PrismApiGeneration.V4, 1, 2000)]
    [InlineData(PrismApiGeneration.V4, 2, 300)]
    [InlineData(PrismApiGeneration.V3, 3, 300)]
    public async Task No_machine_is_made_twice_none_is_lost_and_every_failure_is_told(PrismApiGeneration generation, int seed, int operations)
    {
        SimulatorOptions options = Estate with { Seed = seed, ServesV4 = generation == PrismApiGeneration.V4 };
        var faulty = new SimulatedPrism(options with { ChaosRate = 0.2 });
        using PrismClient client = await ConnectAsync(faulty);
        var run = new SoakRun(faulty, client, seed);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromMinutes(5));

        await run.RunAsync(operations, callers: 8, patience.Token);

        SimulatorLedger ledger = faulty.Core.Ledger;
        long faults = ledger.Faults.Values.Sum();
        TestContext.Current.SendDiagnosticMessage(
            $"{generation}, seed {seed}: {run.Done} operations, {run.Failed} failed and told, {ledger.Requests} requests, {faults} faults, {ledger.AcceptedCreates} creates accepted, {ledger.Vms.Count} machines made");
        Assert.Equal(operations, run.Done);
        Assert.Empty(run.Surprises);
        Assert.Empty(ledger.DuplicateNames);
        Assert.Empty(run.Contradictions());

        // It did get rough, and it did get done.
        Assert.InRange(ledger.Faults.Where(f => !f.Key.StartsWith("Task", StringComparison.Ordinal) && f.Key != "DuplicateEntities").Sum(f => f.Value), ledger.Requests * 0.15, ledger.Requests * 0.25);
        Assert.Contains("TaskFails", ledger.Faults.Keys);
        Assert.True(ledger.Vms.Count > operations / 5, $"Only {ledger.Vms.Count} machines were made.");
        Assert.InRange(run.Failed, 1, operations / 3);
    }

    [Fact]
    public async Task The_books_would_show_a_machine_that_was_made_twice()
    {
        var server = new SimulatedPrism(Estate);
        using PrismClient client = await server.ConnectAsync();
        string cluster = (await client.GetClustersAsync(TestContext.Current.CancellationToken).FirstAsync(TestContext.Current.CancellationToken)).ExtId;
        var request = new GpuVmRequest { Name = "twin", Cluster = cluster, DiskBytes = 1 << 20, AllowDuplicateName = true };

        await client.CreateGpuVmAsync(request, cancellationToken: TestContext.Current.CancellationToken);
        await client.CreateGpuVmAsync(request, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(["twin"], server.Core.Ledger.DuplicateNames);
        Assert.NotEmpty(new SoakRun(server, client, 1).Contradictions());
    }

    [Fact]
    public async Task A_task_that_hangs_ends_the_wait_with_an_error_that_names_it()
    {
        var server = new SimulatedPrism(Estate);
        using PrismClient client = await server.ConnectAsync(o => o with { TaskStallLimit = TimeSpan.FromSeconds(40) });
        string cluster = (await client.GetClustersAsync(TestContext.Current.CancellationToken).FirstAsync(TestContext.Current.CancellationToken)).ExtId;
        server.Core.Inject(SimulatorFault.TaskHangs("CreateVm"));

        PrismException e = await Assert.ThrowsAnyAsync<PrismException>(() => client.CreateGpuVmAsync(
            new GpuVmRequest { Name = "stuck", Cluster = cluster, DiskBytes = 1 << 20 }, cancellationToken: TestContext.Current.CancellationToken));

        Assert.Contains("ZXJnb24=:", e.Message, StringComparison.Ordinal);
        Assert.Contains("Wait-NtnxTask", e.Message, StringComparison.Ordinal);
    }

    private static async Task<PrismClient> ConnectAsync(SimulatedPrism server)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return await server.ConnectAsync(o => o with { TaskStallLimit = TimeSpan.FromSeconds(45), MaxRetries = 8 });
            }
            catch (PrismException) when (attempt < 10)
            {
                // Connecting is not what is soaked.
            }
        }
    }
}
