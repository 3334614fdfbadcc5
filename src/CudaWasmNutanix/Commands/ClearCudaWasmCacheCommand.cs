using System.Management.Automation;
using CudaWasm.Runtime.Caching;

namespace CudaWasmNutanix.Commands;

/// <summary>Empties the cache of compiled kernels.</summary>
/// <remarks>
/// <para>Nothing is lost but time: kernels are compiled again when they are next used. Other files in the folder stay.</para>
/// </remarks>
/// <example>
/// <code>Clear-CudaWasmCache</code>
/// <para>Removes every entry.</para>
/// </example>
/// <example>
/// <code>Clear-CudaWasmCache -WhatIf</code>
/// <para>Tells which folder would be emptied.</para>
/// </example>
[Cmdlet(VerbsCommon.Clear, "CudaWasmCache", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(void))]
public sealed class ClearCudaWasmCacheCommand : PSCmdlet
{
    protected override void ProcessRecord()
    {
        if (CompileCache.OfUser is not { } cache || !ShouldProcess(cache.Folder, "Remove the compiled kernels"))
        {
            return;
        }

        try
        {
            cache.Clear();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            WriteError(new ErrorRecord(exception, "CacheNotCleared", ErrorCategory.WriteError, cache.Folder));
        }
    }
}
