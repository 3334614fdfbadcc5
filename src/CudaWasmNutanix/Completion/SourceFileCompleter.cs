using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace CudaWasmNutanix.Completion;

/// <summary>Completes folders and CUDA sources.</summary>
public sealed class SourceFileCompleter : IArgumentCompleter
{
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        CompletionCompleters.CompleteFilename(wordToComplete)
            .Where(result => result.ResultType == CompletionResultType.ProviderContainer || result.ListItemText.EndsWith(".cu", StringComparison.OrdinalIgnoreCase) || result.ListItemText.EndsWith(".cuh", StringComparison.OrdinalIgnoreCase));
}
