using GpuPlatform;
using GpuPlatform.Toml;

namespace CudaWasmNutanix.Configuration;

/// <summary>
/// What <c>cuda-wasm-nutanix.toml</c> says: the file of -ConfigPath, else the one in the working folder, else the one in the
/// user's configuration folder. It names where secrets are, and never holds one.
/// </summary>
internal sealed class ModuleSettings
{
    public const string FileName = "cuda-wasm-nutanix.toml";

    private static readonly Dictionary<string, string[]> Known = new(StringComparer.Ordinal)
    {
        [""] = ["nutanix"],
        ["nutanix"] =
        [
            "server", "username", "api_version", "timeout_seconds", "max_retries", "max_concurrent_requests", "task_stall_seconds",
            "skip_certificate_check", "ca_certificate_path", "certificate_thumbprint", "secret_name", "secret_path", "token_endpoint",
            "client_id", "scope", "trace_path", "gpu_defaults", "nke",
        ],
        ["nutanix.gpu_defaults"] = ["template", "image", "subnet", "cluster", "gpu_vendor", "gpu_model", "gpu_mode", "gpu_count", "gpu_memory_gib", "memory_gib", "num_sockets", "num_cores_per_socket", "disk_gib"],
        ["nutanix.nke"] = ["namespace", "storage_class"],
    };

    private static readonly string[] Secrets = ["password", "passwd", "api_key", "apikey", "client_secret", "secret", "token"];

    private readonly TomlTable _nutanix;

    private ModuleSettings(string? path, TomlTable nutanix, IReadOnlyList<string> warnings) => (Path, _nutanix, Warnings) = (path, nutanix, warnings);

    /// <summary>The file; null where there is none.</summary>
    public string? Path { get; }

    /// <summary>Keys that nobody knows, each with the nearest that is known.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <param name="given">-ConfigPath; null to look.</param>
    /// <param name="workingFolder">The session's location.</param>
    /// <exception cref="FileNotFoundException">The given file is not there.</exception>
    /// <exception cref="ArgumentException">It is no TOML, a value has another type than it must have, or it holds a secret.</exception>
    public static ModuleSettings Load(string? given, string workingFolder)
    {
        string? path = given ?? Candidates(workingFolder).FirstOrDefault(File.Exists);
        if (path is null)
        {
            return new ModuleSettings(null, TomlReader.Read(""), []);
        }

        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"There is no configuration file {path}.", path);
        }

        TomlTable root;
        try
        {
            root = TomlReader.Read(File.ReadAllBytes(path));
        }
        catch (TomlException e)
        {
            throw new ArgumentException($"{path}: {e.Message}", e);
        }

        var warnings = new List<string>();
        Check(path, "", root, warnings);
        TomlTable nutanix = root.Values.GetValueOrDefault("nutanix") as TomlTable ?? TomlReader.Read("");
        return new ModuleSettings(path, nutanix, warnings);
    }

    public string? Text(string section, string key) => Value<string>(section, key, "a text in quotes");

    public long? Number(string section, string key) => Boxed(section, key, "a whole number", v => v is long) as long?;

    public bool? Flag(string section, string key) => Boxed(section, key, "true or false", v => v is bool) as bool?;

    /// <summary>A text or a list of texts.</summary>
    public string[]? Texts(string section, string key) => Boxed(section, key, "a text or a list of texts", v => v is string || (v is TomlArray a && a.Items.All(i => i is string))) switch
    {
        string one => [one],
        TomlArray many => [.. many.Items.Cast<string>()],
        _ => null,
    };

    private static IEnumerable<string> Candidates(string workingFolder)
    {
        yield return System.IO.Path.Combine(workingFolder, FileName);
        string user = Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        if (user.Length > 0)
        {
            yield return System.IO.Path.Combine(user, "cuda-wasm-nutanix", FileName);
        }
    }

    private static void Check(string path, string section, TomlTable table, List<string> warnings)
    {
        foreach ((string key, object value) in table.Values)
        {
            string full = section.Length == 0 ? key : $"{section}.{key}";
            if (Secrets.Contains(key, StringComparer.OrdinalIgnoreCase))
            {
                throw new ArgumentException(
                    $"{path}, line {table.LineOf(key)}: '{full}' does not belong here. Configuration files are copied, committed and read by others; take the secret out, change it, and give it as NUTANIX_PASSWORD or NUTANIX_API_KEY, with secret_name (SecretManagement), or with secret_path (a file only you can read).");
            }

            string[] known = Known[section];
            if (!known.Contains(key))
            {
                string nearest = known.MinBy(k => NearestName.Distance(k, key))!;
                warnings.Add($"{path}, line {table.LineOf(key)}: '{full}' is not known and has no effect. The nearest that is known is '{(section.Length == 0 ? nearest : $"{section}.{nearest}")}'.");
            }
            else if (Known.ContainsKey(full))
            {
                Check(path, full, value as TomlTable ?? throw new ArgumentException($"{path}, line {table.LineOf(key)}: '{full}' must be a table: write [{full}]."), warnings);
            }
        }
    }

    private T? Value<T>(string section, string key, string what)
        where T : class => Boxed(section, key, what, v => v is T) as T;

    private object? Boxed(string section, string key, string what, Func<object, bool> fits)
    {
        TomlTable? table = section.Length == 0 ? _nutanix : _nutanix.Values.GetValueOrDefault(section) as TomlTable;
        if (table is null || !table.Values.TryGetValue(key, out object? value))
        {
            return null;
        }

        string full = section.Length == 0 ? $"nutanix.{key}" : $"nutanix.{section}.{key}";
        return fits(value) ? value : throw new ArgumentException($"{Path}, line {table.LineOf(key)}: '{full}' must be {what}.");
    }
}
