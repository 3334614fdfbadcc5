using System.Management.Automation;
using CudaWasm.Runtime.Caching;

namespace CudaWasmNutanix.Commands;

/// <summary>Shows the cache of compiled kernels.</summary>
/// <remarks>
/// <para>Kernels that were compiled are kept in the user's cache folder, so that the next session starts them at once. An entry
/// counts only while the source, every header, the macros and the compiler are the same. The environment variable
/// CUDA_WASM_CACHE names another folder to keep things in, or is 'off' for none.</para>
/// </remarks>
/// <example>
/// <code>Get-CudaWasmCache</code>
/// <para>Shows where the cache is and how large.</para>
/// </example>
/// <example>
/// <code>$env:CUDA_WASM_CACHE = 'D:\cache'; (Get-CudaWasmCache).Path</code>
/// <para>Chooses another folder for this session.</para>
/// </example>
[Cmdlet(VerbsCommon.Get, "CudaWasmCache")]
[OutputType(typeof(KernelCache))]
public sealed class GetCudaWasmCacheCommand : PSCmdlet
{
    protected override void ProcessRecord()
    {
        if (CompileCache.OfUser is not { } cache)
        {
            WriteWarning($"There is no cache: {CompileCache.Variable} switches it off, or this account has no folder for caches.");
            return;
        }

        IReadOnlyList<FileInfo> entries = cache.Entries;
        WriteObject(new KernelCache
        {
            Path = cache.Folder,
            Entries = entries.Count,
            Bytes = entries.Sum(entry => entry.Length),
            LastUse = entries.Count == 0 ? null : entries.Max(entry => entry.LastWriteTime),
        });
    }
}
