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

    [Theory]
    [MemberData(nameof(Cmdlets.Names), MemberType = typeof(Cmdlets))]
    public void The_page_in_the_docs_is_up_to_date(string name)
    {
        string path = Path.Combine(AppContext.BaseDirectory, "cmdlets", $"{name}.md");
        Assert.True(File.Exists(path), $"There is no docs/cmdlets/{name}.md: run ./build.ps1 -Task Docs.");
        string page = File.ReadAllText(path).Replace("\\<", "<", StringComparison.Ordinal).Replace("\\|", "|", StringComparison.Ordinal);
        foreach (PropertyInfo parameter in Cmdlets.Parameters(Cmdlets.Get(name)))
        {
            XElement comment = Comments[$"P:{parameter.DeclaringType!.FullName}.{parameter.Name}"];
            string text = string.Join(' ', Text(comment.Element("summary")).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
            Assert.True(
                page.Contains($"`-{parameter.Name}`", StringComparison.Ordinal) && page.Contains(text, StringComparison.Ordinal),
                $"docs/cmdlets/{name}.md does not say what -{parameter.Name} is today: run ./build.ps1 -Task Docs.");
        }
    }

    private static string Text(XElement? element) => element?.Value.Trim() ?? "";
}
