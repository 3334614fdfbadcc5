using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler;

/// <summary>What a launch must know about one parameter of a kernel.</summary>
/// <param name="Name">As declared; <c>arg0</c>... where it has no name.</param>
/// <param name="TypeName">As a person would spell it: <c>const float *</c>.</param>
/// <param name="Kind">How an argument is given.</param>
/// <param name="Element">The scalar itself, or the scalar element of what a pointer points to (for a struct of one kind of scalar, that kind; else Void).</param>
/// <param name="Bytes">Size of the parameter: 8 for a pointer.</param>
/// <param name="Alignment">In bytes.</param>
/// <param name="PointeeBytes">Size of what a pointer points to (1 for void); 0 for other kinds.</param>
/// <param name="IsReadOnly">A pointer to const.</param>
public sealed record KernelParameter(
    string Name, string TypeName, KernelParameterKind Kind, IrType Element, int Bytes, int Alignment, long PointeeBytes, bool IsReadOnly);

public enum KernelParameterKind
{
    Scalar,
    Pointer,

    /// <summary>A struct or vector by value.</summary>
    Aggregate,

    /// <summary>A <c>cudaTextureObject_t</c>.</summary>
    Texture,

    /// <summary>A <c>cudaSurfaceObject_t</c>.</summary>
    Surface,
}

/// <summary>A <c>__constant__</c> or <c>__device__</c> global that a kernel uses.</summary>
public sealed record KernelSymbol(string Name, string TypeName, IrVariable Variable)
{
    /// <summary>A <c>texture&lt;&gt;</c> or <c>surface&lt;&gt;</c> reference, to which a texture must be bound before a launch.</summary>
    public bool IsTexture { get; init; }
}

/// <summary>An argument of a kernel template.</summary>
/// <param name="Name">The parameter's name; empty where it has none.</param>
/// <param name="Kind"><c>typename</c>, <c>template</c>, or the type of a value.</param>
/// <param name="Value">The argument: <c>float</c>, <c>256</c>.</param>
public sealed record KernelTemplateArgument(string Name, string Kind, string Value)
{
    public override string ToString() => Name.Length == 0 ? $"{Kind} = {Value}" : $"{Kind} {Name} = {Value}";
}

/// <summary>A launch in the file's host code.</summary>
/// <param name="Span">Where it stands.</param>
/// <param name="Configuration">Grid, block, shared bytes, stream as they are written, as far as they could be read.</param>
public sealed record KernelLaunch(SourceSpan Span, IReadOnlyList<string> Configuration);

/// <summary>One kernel, compiled to IR or not.</summary>
public sealed class CompiledKernel
{
    /// <summary>As spelled for a launch: <c>saxpy</c>, <c>scale&lt;float&gt;</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Null where an error kept it from being compiled.</summary>
    public IrModule? Module { get; init; }

    public required IReadOnlyList<KernelParameter> Parameters { get; init; }

    public IReadOnlyList<KernelSymbol> Symbols { get; init; } = [];

    /// <summary>What concerns this kernel, errors of the functions it calls included.</summary>
    public required IReadOnlyList<Diagnostic> Diagnostics { get; init; }

    public SourceSpan Span { get; init; }

    /// <summary>Bytes of static shared memory.</summary>
    public long StaticSharedBytes { get; init; }

    /// <summary>Template arguments were chosen by the compiler, as no launch in the file names any.</summary>
    public bool IsAssumed { get; init; }

    /// <summary>Empty for a kernel that is no template.</summary>
    public IReadOnlyList<KernelTemplateArgument> TemplateArguments { get; init; } = [];

    /// <summary>The launches of this kernel, or of this instance of it, that the file's host code has.</summary>
    public IReadOnlyList<KernelLaunch> Launches { get; init; } = [];

    public bool Succeeded => Module is not null;
}
