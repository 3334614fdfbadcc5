using CudaWasmNutanix.Commands;
using GpuPlatform;

namespace CudaWasmNutanix.Configuration;

/// <summary>Fills the parameters of New-NtnxGpuVm that were not given: from the template, then from the configuration file.</summary>
internal static class Presets
{
    /// <param name="command">The cmdlet.</param>
    /// <param name="given">Names of the parameters that were given.</param>
    /// <param name="configPath">The configuration file; null to look for it.</param>
    /// <param name="workingFolder">The session's location.</param>
    /// <param name="warn">Told of keys that nobody knows.</param>
    /// <exception cref="ArgumentException">A file or a value in it cannot be.</exception>
    public static void Apply(NewNtnxGpuVmCommand command, ICollection<string> given, string? configPath, string workingFolder, Action<string> warn)
    {
        const string Section = "gpu_defaults";
        ModuleSettings settings = ModuleSettings.Load(configPath, workingFolder);
        foreach (string warning in settings.Warnings)
        {
            warn(warning);
        }

        command.Template ??= settings.Text(Section, "template");
        MachineTemplate? template = command.Template is null ? null : MachineTemplate.Load(command.Template);

        string? Text(string templateKey, string? key = null) => template?.Text(templateKey) ?? (key is null ? null : settings.Text(Section, key));
        long? Number(string key) => template?.Number(key) ?? settings.Number(Section, key);
        bool Free(string parameter) => !given.Contains(parameter, StringComparer.OrdinalIgnoreCase);

        Set(nameof(command.Description), template?.Text("description"), v => command.Description = v);
        Set(nameof(command.Image), Text("image", "image"), v => command.Image = v);
        Set(nameof(command.Subnet), template?.Texts("subnets") ?? settings.Texts(Section, "subnet"), v => command.Subnet = v);
        Set(nameof(command.Category), template?.Texts("categories"), v => command.Category = v);
        Set(nameof(command.HostAffinityPolicy), template?.Texts("host_affinity_policies"), v => command.HostAffinityPolicy = v);
        Set(nameof(command.Project), template?.Text("project"), v => command.Project = v);
        Set(nameof(command.GpuModel), Text("gpu_model", "gpu_model"), v => command.GpuModel = v);
        Set(nameof(command.GpuVendor), Text("gpu_vendor", "gpu_vendor"), v => command.GpuVendor = Parse<GpuVendor>(v));
        Set(nameof(command.GpuMode), Text("gpu_mode", "gpu_mode"), v => command.GpuMode = Parse<GpuMode>(v));
        Set(nameof(command.MachineType), template?.Text("machine_type"), v => command.MachineType = v);
        Set(nameof(command.LegacyBoot), template?.Text("firmware"), v => command.LegacyBoot = v switch
        {
            "uefi" => false,
            "bios" => true,
            _ => throw new ArgumentException($"'{v}' is no firmware; write uefi or bios."),
        });
        SetNumber(nameof(command.GpuCount), Number("gpu_count"), v => command.GpuCount = (int)v);
        SetNumber(nameof(command.NumSockets), Number("num_sockets"), v => command.NumSockets = (int)v);
        SetNumber(nameof(command.NumCoresPerSocket), Number("num_cores_per_socket"), v => command.NumCoresPerSocket = (int)v);
        SetNumber(nameof(command.MemoryBytes), Number("memory_gib"), v => command.MemoryBytes = v << 30);
        SetNumber(nameof(command.DiskBytes), Number("disk_gib"), v => command.DiskBytes = v << 30);
        SetNumber(nameof(command.GpuMemoryBytes), Number("gpu_memory_gib"), v => command.GpuMemoryBytes = v << 30);
        if (template?.Flag("secure_boot") is { } secure && Free(nameof(command.SecureBoot)))
        {
            command.SecureBoot = secure;
        }

        // A host that was chosen says which cluster is meant.
        if (settings.Texts(Section, "cluster") is { } clusters && Free(nameof(command.Cluster)) && Free(nameof(command.HostName)) && Free(nameof(command.GpuHost)))
        {
            command.Cluster = clusters;
        }

        void Set<T>(string parameter, T? value, Action<T> set)
            where T : class
        {
            if (value is not null && Free(parameter))
            {
                set(value);
            }
        }

        void SetNumber(string parameter, long? value, Action<long> set)
        {
            if (value is { } number && Free(parameter))
            {
                set(number is >= 1 and <= 1 << 20 ? number : throw new ArgumentException($"{number} cannot be for -{parameter}."));
            }
        }
    }

    private static T Parse<T>(string text)
        where T : struct, Enum => Enum.TryParse(text, ignoreCase: true, out T value) && Enum.IsDefined(value)
            ? value
            : throw new ArgumentException($"'{text}' is none of {string.Join(", ", Enum.GetNames<T>())}.");
}
