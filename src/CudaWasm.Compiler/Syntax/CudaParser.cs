using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Syntax;

/// <summary>The front door of the syntax: CUDA C++ text in, tree out.</summary>
public static class CudaParser
{
    /// <summary>
    /// Preprocesses and parses a file with its headers. Host functions are skipped but for the launches in them; host declarations
    /// that cannot be parsed are left out in silence. What device code has wrong is reported, and the rest of the file is still read.
    /// </summary>
    /// <exception cref="OperationCanceledException">The options' token was cancelled.</exception>
    public static TranslationUnit Parse(SourceText source, ParseOptions options, DiagnosticBag diagnostics)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(diagnostics);
        if (string.IsNullOrWhiteSpace(source.Text))
        {
            diagnostics.Error(DiagnosticCodes.NoKernel, new SourceSpan(source, 0, 0), $"'{source.Path}' is empty: it holds no kernel");
        }

        var tokens = Preprocessor.Run(source, options, diagnostics);
        return new Parser(source, tokens, diagnostics, options.CancellationToken).ParseTranslationUnit();
    }
}
