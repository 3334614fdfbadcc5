namespace CudaWasm.Runtime.Caching;

/// <summary>Where compiled kernels are kept from process to process.</summary>
internal static class CacheFolder
{
    private const string Product = "cuda-wasm";

    /// <summary>Beside other things the product keeps, such as the kernels published to a worker.</summary>
    private const string Name = "compiled";

    /// <summary>The user's own folder for caches, as the system has it; null where there is none, or the environment switches the cache off.</summary>
    public static string? OfUser() => Choose(Environment.GetEnvironmentVariable(CompileCache.Variable), OfSystem);

    /// <param name="asked">Value of <see cref="CompileCache.Variable"/>.</param>
    /// <param name="ofSystem">The folder that counts where nothing else is asked for.</param>
    internal static string? Choose(string? asked, Func<string?> ofSystem) => asked?.Trim() switch
    {
        null or "" => ofSystem() is { } folder ? Path.Combine(folder, Product, Name) : null,
        var off when CompileCache.IsOff(off) => null,
        var folder => Path.GetFullPath(Path.Combine(folder, Name)),
    };

    private static string? OfSystem()
    {
        if (OperatingSystem.IsWindows()) return Existing(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData));
        var home = Existing(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile));
        if (OperatingSystem.IsMacOS()) return home is null ? null : Path.Combine(home, "Library", "Caches");
        // The XDG Base Directory Specification: relative paths are to be ignored.
        var xdg = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        return !string.IsNullOrEmpty(xdg) && Path.IsPathRooted(xdg) ? xdg : home is null ? null : Path.Combine(home, ".cache");
    }

    private static string? Existing(string folder) => folder.Length > 0 ? folder : null;
}
