using CudaWasm.Compiler.Text;

namespace CudaWasm.Host.Terminal;

/// <summary>Writes diagnostics to standard error: <c>file(line,col): error CW0012: text</c>, then the source line.</summary>
internal static class DiagnosticWriter
{
    public static void Write(HostConsole console, IEnumerable<Diagnostic> diagnostics)
    {
        foreach (var diagnostic in diagnostics)
            console.Error.Write(diagnostic.Render());

        console.Error.Flush();
    }
}
