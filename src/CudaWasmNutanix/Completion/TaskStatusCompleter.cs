using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using CudaWasmNutanix.Session;

namespace CudaWasmNutanix.Completion;

/// <summary>Completes the states a Prism task can be in. A newer server may know more, so others are not refused.</summary>
public sealed class TaskStatusCompleter : IArgumentCompleter
{
    private static readonly string[] Statuses = ["QUEUED", "RUNNING", "CANCELING", "SUCCEEDED", "FAILED", "CANCELED", "SUSPENDED"];

    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        CompletionResults.Matching(wordToComplete, Statuses.Select(status => new NamedItem(status, "")));
}
