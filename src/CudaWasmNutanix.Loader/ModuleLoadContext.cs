using System.Reflection;
using System.Runtime.Loader;

namespace CudaWasmNutanix.Loader;

/// <summary>
/// Holds the module and the libraries it brings along. The session's own copies of the same libraries, whatever their
/// version, stay in the default context and neither side sees the other's.
/// </summary>
/// <remarks>
/// Only assemblies that lie beside the module are loaded here. Everything else (the runtime, the PowerShell engine) comes
/// from the default context, so that the cmdlets share the engine's types with the session.
/// </remarks>
public sealed class ModuleLoadContext : AssemblyLoadContext
{
    private static readonly Lock Gate = new();
    private static readonly Dictionary<string, Assembly> Modules = new(StringComparer.Ordinal);

    private readonly string _directory;

    private ModuleLoadContext(string name, string directory)
        : base(name)
    {
        _directory = directory;
    }

    /// <summary>
    /// Loads <c>name.dll</c> from the loader's own directory into a context called <paramref name="name"/>; the second call
    /// answers with the assembly of the first, since an assembly cannot be unloaded while a session holds its types.
    /// </summary>
    /// <exception cref="FileNotFoundException">The module's assembly is not beside the loader.</exception>
    public static Assembly LoadModule(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        lock (Gate)
        {
            if (!Modules.TryGetValue(name, out Assembly? module))
            {
                string directory = Path.GetDirectoryName(typeof(ModuleLoadContext).Assembly.Location)!;
                module = new ModuleLoadContext(name, directory).LoadFromAssemblyPath(Path.Combine(directory, $"{name}.dll"));
                Modules.Add(name, module);
            }

            return module;
        }
    }

    protected override Assembly? Load(AssemblyName assemblyName)
    {
        if (assemblyName.Name == typeof(ModuleLoadContext).Assembly.GetName().Name)
        {
            return typeof(ModuleLoadContext).Assembly;
        }

        string path = Path.Combine(_directory, $"{assemblyName.Name}.dll");
        return File.Exists(path) ? LoadFromAssemblyPath(path) : null;
    }
}
