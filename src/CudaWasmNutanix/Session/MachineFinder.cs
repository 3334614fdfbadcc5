using System.Management.Automation;
using System.Runtime.CompilerServices;
using CudaWasmNutanix.Pipeline;
using Nutanix.Prism;

namespace CudaWasmNutanix.Session;

/// <summary>
/// Finds the machines that names or extIds mean; all there are without any. Names without wildcards are asked of the server, which
/// finds one among thousands but minds the case: the whole list is read only for what is not found so.
/// </summary>
/// <param name="client">The Prism Central.</param>
/// <param name="names">Names; wildcards are allowed.</param>
/// <param name="ids">extIds, instead of names.</param>
/// <param name="gpuOnly">Only machines with GPUs.</param>
internal sealed class MachineFinder(PrismClient client, IReadOnlyList<string>? names, IReadOnlyList<string>? ids, bool gpuOnly)
{
    private readonly NameFilter _names = new(names);
    private readonly HashSet<string> _found = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>What was named and is not there, once all were read.</summary>
    public IEnumerable<string> Missing => ids is { Count: > 0 } ? ids.Where(id => !_found.Contains(id)) : _names.Missing;

    public async IAsyncEnumerable<PrismVm> FindAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (ids is { Count: > 0 })
        {
            await foreach (PrismVm vm in ReadAsync(new VmQuery { ExtIds = ids, GpuOnly = gpuOnly }, cancellationToken).ConfigureAwait(false))
            {
                yield return vm;
            }

            yield break;
        }

        if (names is { Count: > 0 } && !names.Any(WildcardPattern.ContainsWildcardCharacters))
        {
            await foreach (PrismVm vm in ReadAsync(new VmQuery { Names = names, GpuOnly = gpuOnly }, cancellationToken).ConfigureAwait(false))
            {
                yield return vm;
            }

            if (!_names.Missing.Any())
            {
                yield break;
            }
        }

        await foreach (PrismVm vm in ReadAsync(new VmQuery { GpuOnly = gpuOnly }, cancellationToken).ConfigureAwait(false))
        {
            yield return vm;
        }
    }

    private IAsyncEnumerable<PrismVm> ReadAsync(VmQuery query, CancellationToken cancellationToken) => client
        .GetVmsAsync(query, cancellationToken)
        .Where(vm => _names.IsMatch(vm.Name) && _found.Add(vm.ExtId));
}
