using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Language;
using CudaWasmNutanix.Session;
using Nutanix.Prism.Simulator.Gpus;

namespace CudaWasmNutanix.Completion;

/// <summary>Completes the GPU models that the simulator knows.</summary>
public sealed class SimulatedGpuCompleter : IArgumentCompleter
{
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        CompletionResults.Matching(wordToComplete, GpuCatalogue.Models.Select(model => new NamedItem(model.Name, $"{model.Vendor}, {model.DeviceName}")));
}

/// <summary>Takes a model in any case or by its device name, and says which there are when it is none of them.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SimulatedGpuTransformationAttribute : ArgumentTransformationAttribute
{
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        string[] names = (string[])LanguagePrimitives.ConvertTo(inputData, typeof(string[]), CultureInfo.InvariantCulture);
        try
        {
            return Array.ConvertAll(names, name => GpuCatalogue.Find(name).Name);
        }
        catch (ArgumentException exception)
        {
            throw new ArgumentTransformationMetadataException(exception.Message, exception);
        }
    }
}
