using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Serialization;

/// <summary>
/// Compiled kernels as a file that another machine takes: their IR, checked, with the places in the sources they come from, and so with the
/// sources. It does not depend on processor or system. The file begins with a name, the format's fingerprint, who made it, and the SHA-256 of
/// what follows. Whoever reads it trusts none of it: types, slots, labels, bounds and sizes of the IR are verified anew.
/// </summary>
public static class CompiledKernelFile
{
    public const string MediaType = "application/vnd.cuda-wasm.kernel";

    /// <summary>What such files are called; what they are is told by their first bytes.</summary>
    public const string Extension = ".cukernel";

    /// <summary>Larger files are neither written nor read.</summary>
    public const int MaxBytes = 16 << 20;

    private const int MaxKernels = 1024;
    private const int FormatBytes = 16;
    private const int HashBytes = SHA256.HashSizeInBytes;

    /// <summary>Several times what the largest kernels of public programs have (91 deep, 57 thousand nodes).</summary>
    private static readonly IrLimits Limits = new(MaxDepth: 512, MaxNodes: 1 << 18);

    private static readonly byte[] Magic = "CUKERNEL"u8.ToArray();

    /// <summary>Changes with every word of the IR, so that a file is never read with another meaning than it was written with.</summary>
    private static readonly byte[] Format = Fingerprint();

    private static string Producer => "cuda-wasm " + typeof(CompiledKernelFile).Assembly.GetName().Version!.ToString(3);

    /// <summary>Whether a file that begins so says that it is one.</summary>
    public static bool IsOne(ReadOnlySpan<byte> start) => start.StartsWith(Magic);

    /// <param name="compilation">All of its kernels must have succeeded.</param>
    /// <exception cref="ArgumentException">A kernel has errors, or is larger than what is read.</exception>
    public static byte[] Write(CudaCompilation compilation)
    {
        ArgumentNullException.ThrowIfNull(compilation);
        if (compilation.Kernels.Count == 0 || !compilation.Kernels.All(k => k.Succeeded)) throw new ArgumentException("Only kernels without errors can be written.", nameof(compilation));
        using var payload = new MemoryStream();
        CompilationFormat.Write(payload, compilation, []);
        var producer = Encoding.UTF8.GetBytes(Producer);
        byte[] file = [.. Magic, .. Format, (byte)producer.Length, .. producer, .. SHA256.HashData(payload.GetBuffer().AsSpan(0, (int)payload.Length)), .. payload.GetBuffer().AsSpan(0, (int)payload.Length)];
        try
        {
            Read(file);
            return file;
        }
        catch (InvalidDataException e)
        {
            throw new ArgumentException($"These kernels cannot be made a file: {e.Message}", nameof(compilation), e);
        }
    }

    /// <summary>Reads a file from anywhere.</summary>
    /// <exception cref="InvalidDataException">It is no such file, was made by another version, is damaged, or its code does not hold together; the message says which.</exception>
    public static CudaCompilation Read(ReadOnlySpan<byte> file)
    {
        if (!IsOne(file)) throw new InvalidDataException("This is no compiled kernel: it should be what 'cuda-wasm compile FILE.cu --target portable -o OUT' writes.");
        if (file.Length > MaxBytes) throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"This compiled kernel has {file.Length} bytes; {MaxBytes} are allowed."));
        var rest = file[Magic.Length..];
        if (rest.Length < FormatBytes + 1 || rest.Length < FormatBytes + 1 + rest[FormatBytes] + HashBytes) throw new InvalidDataException("This compiled kernel is cut off.");
        var producer = Encoding.UTF8.GetString(rest.Slice(FormatBytes + 1, rest[FormatBytes]));
        if (!rest[..FormatBytes].SequenceEqual(Format))
        {
            throw new InvalidDataException($"This compiled kernel was made by {Printable(producer)}, whose format {Producer} does not read. Compile the source with the same version, or publish the source itself.");
        }

        rest = rest[(FormatBytes + 1 + rest[FormatBytes])..];
        var payload = rest[HashBytes..].ToArray();
        if (!rest[..HashBytes].SequenceEqual(SHA256.HashData(payload))) throw new InvalidDataException("This compiled kernel is damaged: its checksum does not hold.");
        using var stream = new MemoryStream(payload);
        var compilation = CompilationFormat.Read(stream, [], Limits);
        var names = compilation.Kernels.Select(k => k.Name).ToHashSet(StringComparer.Ordinal);
        if (names.Count is 0 or > MaxKernels || names.Count != compilation.Kernels.Count || names.Contains("")) throw CompilationInput.Wrong("its kernels have no names of their own");
        return compilation.AllDiagnostics.Any(d => d.IsError) || !compilation.Kernels.All(k => k.Succeeded) ? throw CompilationInput.Wrong("a kernel has errors") : compilation;
    }

    private static string Printable(string text) => string.Concat(text.Select(c => char.IsAsciiLetterOrDigit(c) || c is ' ' or '.' or '-' ? c : '?'));

    private static byte[] Fingerprint()
    {
        Type[] words =
        [
            typeof(IrNodeTag), typeof(IrType), typeof(IrSpace), typeof(IrBuiltin), typeof(IrUnaryOp), typeof(IrBinaryOp), typeof(IrIntrinsic), typeof(IrVideoOp), typeof(IrAtomicOp),
            typeof(IrBarrierKind), typeof(IrWarpOp), typeof(IrServiceOp), typeof(KernelParameterKind), typeof(DiagnosticSeverity),
        ];
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"{CompilationFormat.Version};");
        foreach (var word in words)
        {
            text.Append(word.Name);
            foreach (var value in Enum.GetValuesAsUnderlyingType(word)) text.Append(CultureInfo.InvariantCulture, $" {value}={Enum.GetName(word, value)}");
            text.Append(';');
        }

        return SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString()))[..FormatBytes];
    }
}
