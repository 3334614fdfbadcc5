using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace CudaWasm.Host.Tests.Image;

/// <summary>
/// Root file systems of this machine's own files, in place of the bases that a registry has: one with the .NET runtime and nothing else, and one
/// whose <c>dotnet publish</c> hands over the program that these tests run.
/// </summary>
internal static class LocalBases
{
    public static async Task MakeRuntimeAsync(string folder)
    {
        var framework = RuntimeEnvironment.GetRuntimeDirectory().TrimEnd('/');
        var root = Path.GetFullPath(Path.Combine(framework, "../../.."));
        var web = Path.GetDirectoryName(typeof(Microsoft.AspNetCore.Builder.WebApplication).Assembly.Location)!;
        foreach (var part in new[] { framework, web, Path.Combine(root, "host") }) CopyFolder(part, folder, root, "/usr/share/dotnet");
        Copy(Path.Combine(root, "dotnet"), folder, "/usr/share/dotnet/dotnet");
        await CopyLibrariesAsync(folder, [Path.Combine(root, "dotnet"), .. Directory.GetFiles(framework, "*.so"), .. Loaded("libssl", "libcrypto")]);
    }

    public static async Task MakeBuildAsync(string folder)
    {
        string[] tools = ["/bin/sh", "/bin/cp", "/bin/mkdir"];
        foreach (var tool in tools) Copy(tool, folder, tool);
        await CopyLibrariesAsync(folder, tools);
        CopyFolder(AppContext.BaseDirectory.TrimEnd('/'), folder, AppContext.BaseDirectory, "/published");
        var dotnet = Path.Combine(folder, "bin/dotnet");
        // The word behind --output is the folder.
        await File.WriteAllTextAsync(dotnet, "#!/bin/sh\n[ \"$1\" = publish ] && [ -f \"$2/CudaWasm.Host.csproj\" ] || exit 9\nwhile [ $# -gt 0 ]; do [ \"$1\" = --output ] && exec cp -r /published \"$2\"; shift; done\nexit 8\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(dotnet, UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
    }

    /// <summary>What .NET loads by name when it is first needed.</summary>
    private static IReadOnlyList<string> Loaded(params string[] names)
    {
        SHA256.HashData([]);
        return [.. File.ReadLines("/proc/self/maps").Select(l => l[(l.LastIndexOf(' ') + 1)..]).Where(p => names.Any(n => Path.GetFileName(p).StartsWith(n + ".", StringComparison.Ordinal))).Distinct()];
    }

    private static void CopyFolder(string source, string folder, string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories)) Copy(file, folder, Path.Combine(to, Path.GetRelativePath(from, file)));
    }

    private static void Copy(string source, string folder, string place)
    {
        var target = folder + place;
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        File.Copy(source, target, overwrite: true);
    }

    /// <summary>What the programs and libraries are linked with, as the loader finds it.</summary>
    private static async Task CopyLibrariesAsync(string folder, IReadOnlyList<string> files)
    {
        using var ldd = Process.Start(new ProcessStartInfo("ldd", files) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = await ldd.StandardOutput.ReadToEndAsync();
        foreach (var file in files.Where(f => f.Contains("/lib/", StringComparison.Ordinal) && !f.Contains("/dotnet/", StringComparison.Ordinal))) Copy(file, folder, file);
        foreach (var word in output.Split([' ', '\t', '\n'], StringSplitOptions.RemoveEmptyEntries).Where(w => w.StartsWith("/lib", StringComparison.Ordinal) || w.StartsWith("/usr/lib", StringComparison.Ordinal)).Distinct())
        {
            if (File.Exists(word)) Copy(word, folder, word);
        }
    }
}
