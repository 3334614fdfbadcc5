using System.Collections.Concurrent;
using GpuPlatform;
using Nutanix.Prism.Simulator;
using Nutanix.Prism.Tests.EndToEnd;

namespace Nutanix.Prism.Tests.Soak;

/// <summary>
/// Mixed operations by several callers of one client on a Prism Central that misbehaves, and the books of both sides: what the
/// client was told, and what the server did.
/// </summary>
internal sealed class SoakRun(SimulatedPrism server, PrismClient client, int seed)
{
    private readonly ConcurrentDictionary<string, string> _ours = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Exception> _createErrors = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Exception> _removeErrors = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, byte> _removed = new(StringComparer.Ordinal);
    private readonly ConcurrentBag<string> _surprises = [];
    private List<GpuHost> _hosts = [];
    private int _done;
    private int _failed;

    public int Done => _done;

    public int Failed => _failed;

    public IReadOnlyCollection<string> Surprises => _surprises;

    public async Task RunAsync(int operations, int callers, CancellationToken cancellationToken)
    {
        _hosts = await RetryAsync(() => client.GetGpuHostsAsync(cancellationToken: cancellationToken).ToListAsync(cancellationToken).AsTask());
        int next = -1;
        await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(
            async () =>
            {
                for (int i = Interlocked.Increment(ref next); i < operations; i = Interlocked.Increment(ref next))
                {
                    await OperateAsync(i, cancellationToken);
                }
            },
            cancellationToken)));
    }

    /// <summary>What the two books say against each other; empty for nothing.</summary>
    public IEnumerable<string> Contradictions()
    {
        SimulatorLedger ledger = server.Core.Ledger;
        foreach (IGrouping<string, LedgerVm> twice in ledger.Vms.GroupBy(v => v.Name).Where(g => g.Count() > 1))
        {
            yield return $"'{twice.Key}' was made {twice.Count()} times";
        }

        Dictionary<string, LedgerVm> made = ledger.Vms.DistinctBy(v => v.ExtId).ToDictionary(v => v.ExtId);
        foreach ((string id, string name) in _ours)
        {
            bool gone = !made.TryGetValue(id, out LedgerVm? vm) || vm.RemovedAt is not null;
            if (gone && !_removed.ContainsKey(id) && !_removeErrors.ContainsKey(id))
            {
                yield return $"'{name}' ({id}) is gone and nobody removed it";
            }

            if (!gone && _removed.ContainsKey(id))
            {
                yield return $"'{name}' ({id}) was said to be removed and is there";
            }
        }

        // A machine that is there belongs to someone: its maker has it, or was told in an error that it may be.
        foreach (LedgerVm vm in ledger.Vms.Where(v => v.RemovedAt is null && !_ours.ContainsKey(v.ExtId)))
        {
            if (!_createErrors.TryGetValue(vm.Name, out Exception? told))
            {
                yield return $"'{vm.Name}' ({vm.ExtId}) exists and its maker does not know";
            }
            else if (!told.Message.Contains(vm.ExtId, StringComparison.Ordinal)
                && !told.Message.Contains("task", StringComparison.OrdinalIgnoreCase)
                && !told.Message.Contains("Look for", StringComparison.Ordinal))
            {
                yield return $"'{vm.Name}' ({vm.ExtId}) exists and the error does not say so: {told.Message}";
            }
        }
    }

    private async Task OperateAsync(int i, CancellationToken cancellationToken)
    {
        var random = new Random(HashCode.Combine(seed, i));
        try
        {
            switch (random.Next(10))
            {
                case < 4:
                    await CreateAsync(i, random, cancellationToken);
                    break;
                case 4 when Pick(random) is { } id:
                    await RemoveAsync(id, cancellationToken);
                    break;
                case 5 when Pick(random) is { } id:
                    await client.SetPowerStateAsync(id, random.Next(2) == 0 ? PowerAction.On : PowerAction.Off, cancellationToken: cancellationToken);
                    break;
                case 6 when Pick(random) is { } id:
                    await client.UpdateVmAsync(id, new VmChange { Description = $"change {i}" }, cancellationToken: cancellationToken);
                    break;
                case 7 when Pick(random) is { } id:
                    await ChangeGpusAsync(id, random, cancellationToken);
                    break;
                case 8:
                    await client.GetVmsAsync(new VmQuery { GpuOnly = true }, cancellationToken).ToListAsync(cancellationToken);
                    break;
                default:
                    await client.GetImagesAsync(cancellationToken).ToListAsync(cancellationToken);
                    break;
            }
        }
        catch (Exception e) when (e is PrismException)
        {
            Interlocked.Increment(ref _failed);
            if (string.IsNullOrWhiteSpace(e.Message))
            {
                _surprises.Add($"operation {i}: an error without a word");
            }
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            _surprises.Add($"operation {i}: {e.GetType().Name}: {e.Message}");
        }
        finally
        {
            Interlocked.Increment(ref _done);
        }
    }

    private async Task CreateAsync(int i, Random random, CancellationToken cancellationToken)
    {
        GpuHost host = _hosts[random.Next(_hosts.Count)];
        string name = $"soak-{i}";
        var request = new GpuVmRequest
        {
            Name = name,
            Cluster = host.ClusterId!,
            DiskBytes = 1L << 30,
            MemoryBytes = 1L << 30,
            Gpus = random.Next(3) == 0 ? [new VmGpuRequest { Name = host.Gpus[0].DeviceName, Mode = host.Gpus[0].Mode }] : [],
            PowerOn = random.Next(2) == 0,
        };
        try
        {
            PrismVm vm = await client.CreateGpuVmAsync(request, cancellationToken: cancellationToken);
            _ours[vm.ExtId] = name;
        }
        catch (Exception e)
        {
            _createErrors[name] = e;
            throw;
        }
    }

    private async Task RemoveAsync(string id, CancellationToken cancellationToken)
    {
        try
        {
            await client.RemoveVmAsync(id, force: true, cancellationToken: cancellationToken);
            _removed[id] = 1;
        }
        catch (Exception e)
        {
            _removeErrors[id] = e;
            throw;
        }
    }

    private async Task ChangeGpusAsync(string id, Random random, CancellationToken cancellationToken)
    {
        PrismVm vm = await client.GetVmAsync(id, cancellationToken);
        GpuDevice? gpu = _hosts.Where(h => h.ClusterId == vm.ClusterId).SelectMany(h => h.Gpus).Skip(random.Next(4)).FirstOrDefault();
        await (vm.GpuCount > 0
            ? client.RemoveGpusAsync(id, [vm.Gpus[0]], cancellationToken: cancellationToken)
            : client.AddGpusAsync(id, [new VmGpuRequest { Name = gpu?.DeviceName, Mode = gpu?.Mode ?? GpuMode.Unknown }], cancellationToken: cancellationToken));
    }

    private string? Pick(Random random)
    {
        string[] ids = [.. _ours.Keys.Where(k => !_removed.ContainsKey(k)).Order(StringComparer.Ordinal)];
        return ids.Length == 0 ? null : ids[random.Next(ids.Length)];
    }

    private static async Task<T> RetryAsync<T>(Func<Task<T>> read)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return await read();
            }
            catch (PrismException) when (attempt < 10)
            {
                // The estate is needed before anything can be soaked.
            }
        }
    }
}
