using CudaWasmNutanix.Pipeline;
using Nutanix.Prism;

namespace CudaWasmNutanix.Session;

/// <summary>A change that Prism allows only while the machine is off: off first, on again afterwards, also when it failed.</summary>
internal static class OfflineChange
{
    /// <summary>True when the machine would have to be powered off.</summary>
    public static bool IsNeeded(PrismVm vm) => vm.PowerState != "OFF";

    /// <param name="client">The client.</param>
    /// <param name="vm">The machine as it was seen.</param>
    /// <param name="progress">Told of the tasks.</param>
    /// <param name="writer">Told what is done to the power.</param>
    /// <param name="change">The change.</param>
    /// <param name="cancellationToken">Stops between the steps.</param>
    public static async Task RunAsync(
        PrismClient client, PrismVm vm, TaskProgress progress, PipelineWriter writer, Func<Task> change, CancellationToken cancellationToken)
    {
        if (!IsNeeded(vm))
        {
            await change().ConfigureAwait(false);
            return;
        }

        writer.Warning($"'{vm.Name}' is powered off for this change and on again afterwards (-Force).");
        await client.SetPowerStateAsync(vm.ExtId, PowerAction.Off, progress, cancellationToken).ConfigureAwait(false);
        try
        {
            await change().ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            writer.Warning($"'{vm.Name}' was left powered off. Start-NtnxGpuVm powers it on.");
            throw;
        }
        catch (PrismException)
        {
            await TryPowerOnAsync(client, vm, progress, writer, cancellationToken).ConfigureAwait(false);
            throw;
        }

        await client.SetPowerStateAsync(vm.ExtId, PowerAction.On, progress, cancellationToken).ConfigureAwait(false);
    }

    private static async Task TryPowerOnAsync(PrismClient client, PrismVm vm, TaskProgress progress, PipelineWriter writer, CancellationToken cancellationToken)
    {
        try
        {
            await client.SetPowerStateAsync(vm.ExtId, PowerAction.On, progress, cancellationToken).ConfigureAwait(false);
            writer.Warning($"The change of '{vm.Name}' failed; it was powered on again.");
        }
        catch (PrismException e)
        {
            writer.Warning($"The change of '{vm.Name}' failed and it is left powered off: {e.Message}");
        }
    }
}
