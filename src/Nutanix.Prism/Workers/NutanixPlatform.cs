using System.Globalization;
using System.Runtime.CompilerServices;
using GpuPlatform;
using GpuPlatform.Manifests.CloudInit;
using GpuPlatform.Workers;

namespace Nutanix.Prism.Workers;

/// <summary>Workers on GPU machines of a Prism Central: cloud-init installs each as a systemd service on the machine's first boot.</summary>
public sealed class NutanixPlatform : IPlatformProvider<NutanixWorkerRequest>, IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly PrismClient _client;
    private readonly TimeProvider _time;
    private readonly WorkerReadiness _readiness;

    /// <param name="client">The Prism Central.</param>
    /// <param name="handler">How machines are reached, for networks with a way of their own; null for directly.</param>
    /// <param name="time">The clock; null for the system's.</param>
    public NutanixPlatform(PrismClient client, HttpMessageHandler? handler = null, TimeProvider? time = null)
    {
        _client = client;
        _time = time ?? TimeProvider.System;
        _readiness = new WorkerReadiness(handler);
    }

    public string Name => _client.Name;

    public IAsyncEnumerable<GpuHost> GetGpuHostsAsync(Action<PlatformWarning>? report = null, CancellationToken cancellationToken = default) =>
        _client.GetGpuHostsAsync(report, cancellationToken);

    public async Task<GpuWorker> ProvisionAsync(NutanixWorkerRequest request, IProgress<string>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Guest.Worker is not { ApiKeys.Length: > 0 } service)
        {
            throw new ArgumentException("A worker that is called from elsewhere needs an API key: without one it listens on its own machine only.", nameof(request));
        }

        GpuVmRequest machine = request.Machine with
        {
            Description = WorkerMark.Write(service.Port, request.Machine.Description),
            UserData = GpuCloudInit.Create(request.Guest with { Hostname = request.Guest.Hostname ?? request.Machine.Name }).ToYaml(),
            PowerOn = true,
            KeepOnFailure = request.KeepOnFailure,
        };
        progress?.Report($"Making the machine '{machine.Name}'");
        PrismVm vm = await _client.CreateGpuVmAsync(machine, new TaskText(progress), cancellationToken).ConfigureAwait(false);
        if (!request.WaitUntilReady)
        {
            return Describe(vm, service.Port, WorkerState.Starting);
        }

        try
        {
            return await WaitAsync(vm, service.Port, request.ReadyTimeout, progress, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException e)
        {
            throw new WorkerInterruptedException(
                $"Stopped while the worker '{vm.Name}' was starting. Its machine ({vm.ExtId}) goes on: Get-CudaWasmWorker shows it, Remove-CudaWasmWorker removes it.", e, cancellationToken);
        }
        catch (Exception e) when (e is PlatformException or PrismException)
        {
            throw new PlatformException($"{e.Message} {await UndoAsync(request, vm, cancellationToken).ConfigureAwait(false)}", e);
        }
    }

    public async IAsyncEnumerable<GpuWorker> GetWorkersAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (PrismVm vm in _client.GetVmsAsync(new VmQuery(), cancellationToken).ConfigureAwait(false))
        {
            if (WorkerMark.Read(vm.Description) is not { } port)
            {
                continue;
            }

            bool isReady = vm.IsPoweredOn && EndpointOf(vm, port) is { } endpoint && await _readiness.IsReadyAsync(endpoint, cancellationToken).ConfigureAwait(false);
            yield return Describe(vm, port, isReady ? WorkerState.Ready : vm.IsPoweredOn ? WorkerState.Starting : WorkerState.Stopped);
        }
    }

    public async Task<WorkerConnection> ConnectAsync(GpuWorker worker, CancellationToken cancellationToken = default)
    {
        (PrismVm vm, int port) = await FindAsync(worker, cancellationToken).ConfigureAwait(false);
        return new WorkerConnection(EndpointOf(vm, port)
            ?? throw new PlatformException($"The machine of worker '{worker.Name}' has no address ({vm.PowerState}). Give it a network card with -Subnet, or wait until it has started."));
    }

    public async Task RemoveAsync(GpuWorker worker, IProgress<string>? progress = null, CancellationToken cancellationToken = default)
    {
        // Asked again, not believed: a machine that is no worker any more, or never was, is none of this provider's business.
        (PrismVm vm, _) = await FindAsync(worker, cancellationToken).ConfigureAwait(false);
        progress?.Report($"Removing the machine '{vm.Name}'");
        await _client.RemoveVmAsync(vm.ExtId, force: true, new TaskText(progress), cancellationToken).ConfigureAwait(false);
    }

    public void Dispose() => _readiness.Dispose();

    private async Task<(PrismVm Vm, int Port)> FindAsync(GpuWorker worker, CancellationToken cancellationToken)
    {
        PrismVm vm = await _client.GetVmAsync(worker.Id, cancellationToken).ConfigureAwait(false);
        return WorkerMark.Read(vm.Description) is { } port
            ? (vm, port)
            : throw new PlatformException($"The machine '{vm.Name}' ({vm.ExtId}) was not made as a worker: its description does not begin with '{WorkerMark.Write(8080, null)}'. Remove-NtnxGpuVm removes any machine.");
    }

    private async Task<GpuWorker> WaitAsync(PrismVm vm, int port, TimeSpan timeout, IProgress<string>? progress, CancellationToken cancellationToken)
    {
        long started = _time.GetTimestamp();
        while (true)
        {
            try
            {
                vm = await _client.GetVmAsync(vm.ExtId, cancellationToken).ConfigureAwait(false);
            }
            catch (PrismException e) when (e is not PrismNotFoundException)
            {
                // The machine starts whether or not Prism can be asked at this moment.
                progress?.Report(e.Message);
            }

            Uri? endpoint = EndpointOf(vm, port);
            if (endpoint is not null && await _readiness.IsReadyAsync(endpoint, cancellationToken).ConfigureAwait(false))
            {
                return Describe(vm, port, WorkerState.Ready);
            }

            if (_time.GetElapsedTime(started) >= timeout)
            {
                string minutes = timeout.TotalMinutes.ToString("0.#", CultureInfo.InvariantCulture);
                throw new PlatformException(endpoint is null
                    ? $"The machine '{vm.Name}' has had no address for {minutes} minutes. Give it a network card on a subnet with addresses (-Subnet)."
                    : $"The worker at {endpoint} has not been ready for {minutes} minutes. Look at /var/log/cloud-init-output.log and 'journalctl -u cuda-wasm' in the machine (-KeepOnFailure keeps it), and at firewalls between it and here.");
            }

            progress?.Report(endpoint is null ? $"Waiting for an address of '{vm.Name}'" : $"Waiting for {endpoint} to be ready");
            await Task.Delay(Interval, _time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<string> UndoAsync(NutanixWorkerRequest request, PrismVm vm, CancellationToken cancellationToken)
    {
        if (request.KeepOnFailure)
        {
            return $"The machine was kept, as asked ({vm.ExtId}).";
        }

        try
        {
            await _client.RemoveVmAsync(vm.ExtId, force: true, null, cancellationToken).ConfigureAwait(false);
            return "The machine was removed again.";
        }
        catch (PrismNotFoundException)
        {
            return "The machine is gone.";
        }
        catch (PrismException e)
        {
            return $"The machine could not be removed and remains as {vm.ExtId} ({e.Message})";
        }
    }

    private GpuWorker Describe(PrismVm vm, int port, WorkerState state) => new()
    {
        Platform = "Nutanix",
        Location = Name,
        Name = vm.Name,
        Id = vm.ExtId,
        State = state,
        Endpoint = EndpointOf(vm, port),
        GpuCount = vm.GpuCount,
        HostName = vm.HostName,
    };

    private static Uri? EndpointOf(PrismVm vm, int port) =>
        vm.IpAddresses.Count == 0 ? null : new UriBuilder(Uri.UriSchemeHttp, vm.IpAddresses[0], port).Uri;

    private sealed class TaskText(IProgress<string>? progress) : IProgress<PrismTask>
    {
        public void Report(PrismTask value) =>
            progress?.Report(string.Create(CultureInfo.InvariantCulture, $"{value.OperationDescription ?? value.Operation}: {value.ProgressPercent} %"));
    }
}
