using System.Globalization;
using System.Text;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Runtime;

/// <summary>Reads source files: UTF-8, UTF-16 with a byte order mark, or else Latin-1, up to 10 MB.</summary>
public static class SourceLoader
{
    public const long MaxBytes = 10 * 1024 * 1024;

    /// <summary>Reads a file; returns what is wrong with it, or null.</summary>
    /// <param name="path">As a user would write it.</param>
    /// <param name="source">The text; empty where there is a diagnostic.</param>
    public static Diagnostic? Load(string path, out SourceText source)
    {
        source = new SourceText(path, "");
        byte[] bytes;
        try
        {
            var file = new FileInfo(path);
            if (Directory.Exists(path)) return Error(DiagnosticCodes.CannotRead, source, "this is a folder; name a file of CUDA source");
            if (!file.Exists) return Error(DiagnosticCodes.CannotRead, source, "there is no such file");
            if (file.Length > MaxBytes)
            {
                var size = (file.Length / 1048576.0).ToString("0.#", CultureInfo.InvariantCulture);
                return Error(DiagnosticCodes.TooLarge, source, $"the file has {size} MB; sources may have up to 10 MB");
            }

            bytes = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return Error(DiagnosticCodes.CannotRead, source, $"the file cannot be read: {e.Message}");
        }

        if (bytes.Length == 0) return Error(DiagnosticCodes.NoKernel, source, "the file is empty; it should hold a __global__ function");
        var text = Decode(bytes);
        if (text.Contains('\0', StringComparison.Ordinal)) return Error(DiagnosticCodes.NotText, source, "this is not a text file; give the CUDA source, not what was compiled from it");
        source = new SourceText(path, text);
        return null;
    }

    private static string Decode(byte[] bytes)
    {
        if (bytes is [0xFF, 0xFE, ..]) return Encoding.Unicode.GetString(bytes, 2, bytes.Length - 2);
        if (bytes is [0xFE, 0xFF, ..]) return Encoding.BigEndianUnicode.GetString(bytes, 2, bytes.Length - 2);
        var start = bytes is [0xEF, 0xBB, 0xBF, ..] ? 3 : 0;
        try
        {
            return new UTF8Encoding(false, true).GetString(bytes, start, bytes.Length - start);
        }
        catch (DecoderFallbackException)
        {
            // Old sources have comments in the code pages of their time.
            return Encoding.Latin1.GetString(bytes);
        }
    }

    private static Diagnostic Error(string code, SourceText source, string message) =>
        new(code, DiagnosticSeverity.Error, new SourceSpan(source, 0, 0), message);
}
