using GpuPlatform.Toml;

namespace CudaWasmNutanix.Configuration;

/// <summary>
/// A preset of New-NtnxGpuVm: a TOML file in the module's <c>templates</c> folder or in the user's, whose own come first. What a
/// parameter says overrides it.
/// </summary>
internal sealed class MachineTemplate
{
    private static readonly string[] Keys =
    [
        "description", "num_sockets", "num_cores_per_socket", "memory_gib", "disk_gib", "gpu_count", "gpu_model", "gpu_vendor", "gpu_mode",
        "gpu_memory_gib", "firmware", "secure_boot", "machine_type", "image", "subnets", "categories", "host_affinity_policies", "project",
    ];

    private readonly TomlTable _table;
    private readonly string _path;

    private MachineTemplate(string name, string path, TomlTable table) => (Name, _path, _table) = (name, path, table);

    public string Name { get; }

    public string Description => Text("description") ?? "";

    /// <summary>All templates by name; of two with one name the user's.</summary>
    public static IReadOnlyDictionary<string, string> Find()
    {
        var found = new SortedDictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (string folder in Folders.Where(Directory.Exists))
        {
            foreach (string file in Directory.EnumerateFiles(folder, "*.toml"))
            {
                found[Path.GetFileNameWithoutExtension(file)] = file;
            }
        }

        return found;
    }

    /// <exception cref="ArgumentException">There is none of that name, or its file cannot be read.</exception>
    public static MachineTemplate Load(string name)
    {
        IReadOnlyDictionary<string, string> all = Find();
        if (!all.TryGetValue(name, out string? path))
        {
            throw new ArgumentException($"There is no template '{name}'. There is {string.Join(", ", all.Keys)}; your own go into {UserFolder}.");
        }

        try
        {
            TomlTable table = TomlReader.Read(File.ReadAllBytes(path));
            return table.Values.Keys.FirstOrDefault(k => !Keys.Contains(k)) is { } unknown
                ? throw new ArgumentException($"{path}, line {table.LineOf(unknown)}: '{unknown}' is not known; a template has {string.Join(", ", Keys)}.")
                : new MachineTemplate(name, path, table);
        }
        catch (TomlException e)
        {
            throw new ArgumentException($"{path}: {e.Message}", e);
        }
    }

    public string? Text(string key) => Value<string>(key, "a text in quotes");

    public long? Number(string key) => Get(key, v => v is long, "a whole number") as long?;

    public bool? Flag(string key) => Get(key, v => v is bool, "true or false") as bool?;

    public string[]? Texts(string key) => (Get(key, v => v is TomlArray a && a.Items.All(i => i is string), "a list of texts") as TomlArray)?.Items.Cast<string>().ToArray();

    private static string UserFolder => Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData, Environment.SpecialFolderOption.DoNotVerify), "cuda-wasm-nutanix", "templates");

    // The assembly lies in the module's bin.
    private static IEnumerable<string> Folders =>
    [
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(typeof(MachineTemplate).Assembly.Location)!, "..", "templates")),
        UserFolder,
    ];

    private T? Value<T>(string key, string what)
        where T : class => Get(key, v => v is T, what) as T;

    private object? Get(string key, Func<object, bool> fits, string what) => !_table.Values.TryGetValue(key, out object? value) ? null
        : fits(value) ? value
        : throw new ArgumentException($"{_path}, line {_table.LineOf(key)}: '{key}' must be {what}.");
}
