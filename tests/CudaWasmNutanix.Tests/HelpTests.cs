using System.Reflection;
using System.Xml.Linq;

namespace CudaWasmNutanix.Tests;

/// <summary>The comments that become Get-Help.</summary>
public sealed class HelpTests
{
    private static readonly Dictionary<string, XElement> Comments = XDocument
        .Load(Path.Combine(AppContext.BaseDirectory, "CudaWasmNutanix.xml"))
        .Descendants("member")
        .ToDictionary(member => member.Attribute("name")!.Value);

    [Theory]
    [MemberData(nameof(Cmdlets.Names), MemberType = typeof(Cmdlets))]
    public void A_cmdlet_has_a_synopsis_a_description_and_two_examples(string name)
    {
        XElement comment = Assert.Contains($"T:{Cmdlets.Get(name).FullName}", Comments);
        Assert.NotEmpty(Text(comment.Element("summary")));
        Assert.NotEmpty(Text(comment.Element("remarks")));
        XElement[] examples = [.. comment.Elements("example")];
        Assert.True(examples.Length >= 2, $"{name} has {examples.Length} examples.");
        Assert.All(examples, example =>
        {
            Assert.Contains(name, Text(example.Element("code")), StringComparison.Ordinal);
            Assert.NotEmpty(Text(example.Element("para")));
        });
    }

    [Theory]
    [MemberData(nameof(Cmdlets.Names), MemberType = typeof(Cmdlets))]
    public void Every_parameter_is_explained_in_a_sentence(string name)
    {
        foreach (PropertyInfo parameter in Cmdlets.Parameters(Cmdlets.Get(name)))
        {
            bool found = Comments.TryGetValue($"P:{parameter.DeclaringType!.FullName}.{parameter.Name}", out XElement? comment);
            Assert.True(found && Text(comment!.Element("summary")).EndsWith('.'), $"{name} -{parameter.Name} has no help.");
        }
    }

    private static string Text(XElement? element) => element?.Value.Trim() ?? "";
}
