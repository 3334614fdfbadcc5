using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using CudaWasm.Compiler;
using CudaWasm.Runtime;
using CudaWasm.Runtime.Caching;
using CudaWasmNutanix.Pipeline;
using CudaWasmNutanix.Session;

namespace CudaWasmNutanix.Completion;

/// <summary>Completes the kernels of the files that the command line names, those with errors too: the cmdlet will tell what is wrong.</summary>
public sealed class KernelNameCompleter : IArgumentCompleter
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        if (fakeBoundParameters["Path"] is not { } paths)
        {
            return [];
        }

        try
        {
            using var patience = new CancellationTokenSource(Patience);
            SessionState session = CurrentSession();
            var options = new CompileFileOptions
            {
                IncludePaths = [.. Texts(fakeBoundParameters["IncludePath"]).Select(session.Path.GetUnresolvedProviderPathFromPSPath)],
                Defines = Macros.Of(fakeBoundParameters["Define"] is { } define ? DefineTransformationAttribute.ToTable(define) : null),
                Cache = CompileCache.OfUser,
            };
            CompiledKernel[] kernels =
            [
                .. Texts(paths)
                    .SelectMany(path => Files(session, path))
                    .SelectMany(file => KernelCompiler.CompileFile(file, options, patience.Token).Kernels),
            ];
            return CompletionResults.Matching(wordToComplete, kernels.Select(kernel => new NamedItem(kernel.Name, Signature(kernel))));
        }
        catch (Exception exception) when (exception is CudaWasmException or OperationCanceledException or IOException or UnauthorizedAccessException or RuntimeException)
        {
            // There is no place to say it while a line is being typed; the cmdlet will.
            return [];
        }
    }

    private static string[] Texts(object? value) => value is null ? [] : LanguagePrimitives.ConvertTo<string[]>(value);

    private static IEnumerable<string> Files(SessionState session, string path) =>
        WildcardPattern.ContainsWildcardCharacters(path) ? session.Path.GetResolvedProviderPathFromPSPath(path, out _) : [session.Path.GetUnresolvedProviderPathFromPSPath(path)];

    private static string Signature(CompiledKernel kernel) =>
        $"{kernel.Name}({string.Join(", ", kernel.Parameters.Select(parameter => $"{parameter.TypeName} {parameter.Name}"))})";

    /// <summary>A completer is no cmdlet: the session is asked of its engine.</summary>
    private static SessionState CurrentSession()
    {
        using var shell = PowerShell.Create(RunspaceMode.CurrentRunspace);
        return (SessionState)shell.AddScript("$ExecutionContext.SessionState").Invoke()[0].BaseObject;
    }
}
