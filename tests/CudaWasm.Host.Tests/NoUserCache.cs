using System.Runtime.CompilerServices;
using CudaWasm.Runtime.Caching;

namespace CudaWasm.Host.Tests;

internal static class NoUserCache
{
    /// <summary>Tests leave nothing in the user's cache; those of the cache name a folder of their own.</summary>
    [ModuleInitializer]
    internal static void SwitchOff() => Environment.SetEnvironmentVariable(CompileCache.Variable, "off");
}
