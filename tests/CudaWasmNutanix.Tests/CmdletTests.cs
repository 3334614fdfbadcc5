using System.Management.Automation;
using System.Reflection;
using System.Text.RegularExpressions;

namespace CudaWasmNutanix.Tests;

public sealed partial class CmdletTests
{
    private static readonly HashSet<string> ApprovedVerbs =
    [
        .. new[] { typeof(VerbsCommon), typeof(VerbsCommunications), typeof(VerbsData), typeof(VerbsDiagnostic), typeof(VerbsLifecycle), typeof(VerbsOther), typeof(VerbsSecurity) }
            .SelectMany(type => type.GetFields(BindingFlags.Public | BindingFlags.Static))
            .Select(field => (string)field.GetRawConstantValue()!),
    ];

    [Fact]
    public void The_manifest_exports_every_cmdlet_and_nothing_else()
    {
        string manifest = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "CudaWasmNutanix.psd1"));
        string list = ExportedCmdlets().Match(manifest).Groups[1].Value;
        Assert.Equal(Cmdlets.All.Select(Cmdlets.Name), Quoted().Matches(list).Select(match => match.Groups[1].Value).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Cmdlets.Names), MemberType = typeof(Cmdlets))]
    public void A_cmdlet_has_an_approved_verb_an_output_type_and_its_class_is_named_after_it(string name)
    {
        Type cmdlet = Cmdlets.Get(name);
        Assert.Contains(name.Split('-')[0], ApprovedVerbs);
        Assert.True(cmdlet.IsDefined(typeof(OutputTypeAttribute)), $"{name} has no OutputType.");
        Assert.Equal($"{name.Replace("-", "", StringComparison.Ordinal)}Command", cmdlet.Name);
    }

    [Theory]
    [MemberData(nameof(Cmdlets.Names), MemberType = typeof(Cmdlets))]
    public void A_cmdlet_that_changes_something_can_be_asked_what_it_would_do(string name)
    {
        // Connect changes nothing but this session, and its answer is the session.
        bool changes = name.Split('-')[0] is "New" or "Add" or "Set" or "Restart" or "Remove" or "Clear" or "Start" or "Stop" or "Disconnect" or "Invoke" or "Publish";
        Assert.Equal(changes, NamedArgument(Cmdlets.Get(name), "SupportsShouldProcess") is true);
    }

    [Fact]
    public void Remove_asks_first() =>
        Assert.Equal((int)ConfirmImpact.High, NamedArgument(Cmdlets.Get("Remove-NtnxGpuVm"), "ConfirmImpact"));

    [Theory]
    [MemberData(nameof(Cmdlets.Names), MemberType = typeof(Cmdlets))]
    public void Names_that_take_wildcards_can_be_completed(string name)
    {
        foreach (PropertyInfo parameter in Cmdlets.Parameters(Cmdlets.Get(name)).Where(p => p.IsDefined(typeof(SupportsWildcardsAttribute))))
        {
            Assert.True(parameter.IsDefined(typeof(ArgumentCompleterAttribute)), $"{name} -{parameter.Name} has no completer.");
        }
    }

    private static object? NamedArgument(Type cmdlet, string name) =>
        cmdlet.CustomAttributes.Single(a => a.AttributeType == typeof(CmdletAttribute))
            .NamedArguments.Where(a => a.MemberName == name).Select(a => a.TypedValue.Value).SingleOrDefault();

    [GeneratedRegex(@"CmdletsToExport\s*=\s*@\(([^)]*)\)")]
    private static partial Regex ExportedCmdlets();

    [GeneratedRegex("'([^']+)'")]
    private static partial Regex Quoted();
}
