using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using CudaWasm.Runtime;
using CudaWasmNutanix.Session;

namespace CudaWasmNutanix.Completion;

/// <summary>Completes the devices of this machine.</summary>
public sealed class DeviceCompleter : IArgumentCompleter
{
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        CompletionResults.Matching(wordToComplete, Devices.List().Select(device => new NamedItem(device.Name, device.Description)));
}
