using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using CudaWasmNutanix.Configuration;
using CudaWasmNutanix.Session;

namespace CudaWasmNutanix.Completion;

/// <summary>Completes values that are known without asking anybody; others are taken too.</summary>
public abstract class FixedCompleter(params string[] values) : IArgumentCompleter
{
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        CompletionResults.Matching(wordToComplete, values.Select(value => new NamedItem(value, "")));
}

/// <summary>Releases of guest distributions that drivers can be installed on.</summary>
public sealed class DistributionVersionCompleter() : FixedCompleter("22.04", "24.04", "8", "9");

/// <summary>NVIDIA's driver branches in use.</summary>
public sealed class DriverBranchCompleter() : FixedCompleter("550", "570", "580");

/// <summary>CUDA releases in use.</summary>
public sealed class CudaVersionCompleter() : FixedCompleter("12.4", "12.6", "12.8", "13.0");

/// <summary>API generations and v4 versions.</summary>
public sealed class ApiVersionCompleter() : FixedCompleter("auto", "v3", "v4", "v4.0", "v4.1", "v4.2", "v4.3");

/// <summary>Templates of New-NtnxGpuVm.</summary>
public sealed class TemplateCompleter : IArgumentCompleter
{
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        CompletionResults.Matching(wordToComplete, MachineTemplate.Find().Keys.Select(Describe));

    private static NamedItem Describe(string name)
    {
        try
        {
            return new NamedItem(name, MachineTemplate.Load(name).Description);
        }
        catch (ArgumentException exception)
        {
            return new NamedItem(name, exception.Message);
        }
    }
}
