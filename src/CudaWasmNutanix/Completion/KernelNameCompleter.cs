using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using CudaWasm.Compiler;
using CudaWasm.Runtime;
using CudaWasmNutanix.Session;

namespace CudaWasmNutanix.Completion;

/// <summary>Completes the kernels of the file that the command line names, those with errors too: the cmdlet will tell what is wrong.</summary>
public sealed class KernelNameCompleter : IArgumentCompleter
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        if (fakeBoundParameters["Path"] is not { } path)
        {
            return [];
        }

        try
        {
            using var patience = new CancellationTokenSource(Patience);
            string file = ResolvePath(LanguagePrimitives.ConvertTo<string>(path));
            CudaCompilation compilation = KernelCompiler.CompileFile(file, cancellationToken: patience.Token);
            return CompletionResults.Matching(wordToComplete, compilation.Kernels.Select(kernel => new NamedItem(kernel.Name, Signature(kernel))));
        }
        catch (Exception exception) when (exception is CudaWasmException or OperationCanceledException or IOException or UnauthorizedAccessException or RuntimeException)
        {
            // There is no place to say it while a line is being typed; the cmdlet will.
            return [];
        }
    }

    private static string Signature(CompiledKernel kernel) =>
        $"{kernel.Name}({string.Join(", ", kernel.Parameters.Select(parameter => $"{parameter.TypeName} {parameter.Name}"))})";

    /// <summary>A completer is no cmdlet: the session's location is asked of its engine.</summary>
    private static string ResolvePath(string path)
    {
        using var shell = PowerShell.Create(RunspaceMode.CurrentRunspace);
        var session = (SessionState)shell.AddScript("$ExecutionContext.SessionState").Invoke()[0].BaseObject;
        return session.Path.GetUnresolvedProviderPathFromPSPath(path);
    }
}
