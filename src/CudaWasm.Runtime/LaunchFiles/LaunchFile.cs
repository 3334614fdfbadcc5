using CudaWasm.Compiler.IR;

namespace CudaWasm.Runtime;

/// <summary>A launch as a file describes it. Paths are absolute here; in the file they are relative to it.</summary>
public sealed record LaunchFile
{
    /// <summary>The file itself.</summary>
    public required string Path { get; init; }

    public required string Source { get; init; }

    public IReadOnlyList<string> IncludePaths { get; init; } = [];

    public IReadOnlyDictionary<string, string> Defines { get; init; } = new Dictionary<string, string>();

    /// <summary>As spelled for a launch: <c>scale&lt;float&gt;</c>.</summary>
    public required string Kernel { get; init; }

    public required LaunchConfiguration Configuration { get; init; }

    public required IReadOnlyList<LaunchArgument> Arguments { get; init; }

    public IReadOnlyDictionary<string, LaunchSymbol> Symbols { get; init; } = new Dictionary<string, LaunchSymbol>();

    /// <summary>Reads a launch file and checks all that can be checked without the source.</summary>
    /// <param name="path">The file.</param>
    /// <param name="outputFolder">A folder for the outputs in place of those the file names, made as needed; null for those.</param>
    /// <exception cref="LaunchFileException">It cannot be read, or something in it is wrong.</exception>
    public static LaunchFile Load(string path, string? outputFolder = null) => LaunchFileReader.Read(path, outputFolder);
}

/// <param name="JsonPath">Where it stands in the file.</param>
public abstract record LaunchArgument(string JsonPath);

/// <summary>A buffer for a pointer.</summary>
/// <param name="JsonPath">Where it stands in the file.</param>
/// <param name="Element">Type of its elements.</param>
/// <param name="Count">Elements; null where the input tells.</param>
/// <param name="Input">File with the first content.</param>
/// <param name="Fill">Bytes of the element that fills the buffer; null for zeros.</param>
/// <param name="Output">File for the content after the launch.</param>
public sealed record LaunchBuffer(string JsonPath, ElementType Element, long? Count, string? Input, byte[]? Fill, string? Output) : LaunchArgument(JsonPath);

/// <summary>A texture or surface object.</summary>
/// <param name="JsonPath">Where it stands in the file.</param>
/// <param name="Description">Size, texels and sampling.</param>
/// <param name="Input">File with the first texels.</param>
/// <param name="Fill">Bytes of the channel that fills it; null for zeros.</param>
/// <param name="Output">File for the texels after the launch.</param>
public sealed record LaunchTexture(string JsonPath, TextureDescription Description, string? Input, byte[]? Fill, string? Output) : LaunchArgument(JsonPath);

/// <summary>A value.</summary>
/// <param name="JsonPath">Where it stands in the file.</param>
/// <param name="Type">Its type; Void for bytes of any meaning.</param>
/// <param name="Value">Its bytes, little-endian.</param>
public sealed record LaunchValue(string JsonPath, IrType Type, byte[] Value) : LaunchArgument(JsonPath);

/// <summary>Content for a <c>__constant__</c> or <c>__device__</c> variable, and where it goes after the launch.</summary>
public sealed record LaunchSymbol(string JsonPath, string? Input, string? Output)
{
    /// <summary>What is bound to a <c>texture&lt;&gt;</c> or <c>surface&lt;&gt;</c> reference.</summary>
    public LaunchTexture? Texture { get; init; }
}
