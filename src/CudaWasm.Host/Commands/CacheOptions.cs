using System.CommandLine;
using CudaWasm.Runtime.Caching;

namespace CudaWasm.Host.Commands;

/// <summary><c>--cache DIR</c> and <c>--no-cache</c>, for the commands that compile.</summary>
internal sealed class CacheOptions
{
    private readonly Option<string?> _folder = new("--cache")
    {
        Description = $"Folder that keeps compiled kernels; the user's cache folder, or what {CompileCache.Variable} says, otherwise.",
        HelpName = "DIR",
    };

    private readonly Option<bool> _none = new("--no-cache") { Description = "Compile, even where the kernel was compiled before, and keep nothing." };

    public void AddTo(Command command)
    {
        command.Add(_folder);
        command.Add(_none);
        command.Validators.Add(result =>
        {
            if (result.GetValue(_folder) is not null && result.GetValue(_none)) result.AddError("--cache and --no-cache exclude each other.");
        });
    }

    /// <exception cref="HostException">The folder that was asked for cannot be used.</exception>
    public CompileCache? Choose(ParseResult parsed)
    {
        if (parsed.GetValue(_none)) return null;
        if (parsed.GetValue(_folder) is not { } folder) return CompileCache.OfUser;
        try
        {
            Directory.CreateDirectory(folder);
            return new CompileCache(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new HostException($"--cache {folder}: the folder cannot be used: {e.Message}", e);
        }
    }
}
