using System.Reflection;
using System.Xml.Linq;

namespace CudaWasmNutanix.Tests;

public sealed class FormatTests
{
    private static readonly Dictionary<string, string[]> AddedMembers = Load("CudaWasmNutanix.Types.ps1xml")
        .Descendants("Type")
        .ToDictionary(type => type.Element("Name")!.Value, type => type.Element("Members")!.Elements().Select(m => m.Element("Name")!.Value).ToArray());

    public static TheoryData<string> Tables =>
        [.. Load("CudaWasmNutanix.Format.ps1xml").Descendants("View").Where(view => view.Element("TableControl") is not null).Select(view => view.Element("Name")!.Value)];

    [Theory]
    [MemberData(nameof(Tables))]
    public void A_table_fits_120_columns(string view)
    {
        int[] widths = [.. View(view).Descendants("Width").Select(width => (int)width)];
        Assert.Equal(View(view).Descendants("TableColumnHeader").Count(), widths.Length);
        Assert.InRange(widths.Sum() + widths.Length - 1, 1, 119);
    }

    [Theory]
    [MemberData(nameof(Tables))]
    public void A_table_shows_members_that_its_type_has(string view)
    {
        string typeName = View(view).Descendants("TypeName").Single().Value;
        Type type = FindType(typeName) ?? throw new InvalidOperationException($"There is no type {typeName}.");
        IEnumerable<string> members = type.GetProperties().Select(p => p.Name).Concat(AddedMembers.GetValueOrDefault(typeName, []));
        Assert.All(View(view).Descendants("PropertyName"), property => Assert.Contains(property.Value, members));
        Assert.Equal(View(view).Descendants("TableColumnHeader").Count(), View(view).Descendants("TableColumnItem").Count());
    }

    [Fact]
    public void Members_are_added_to_types_that_exist() =>
        Assert.All(AddedMembers.Keys, name => Assert.NotNull(FindType(name)));

    [Fact]
    public void Every_record_a_cmdlet_writes_has_a_table()
    {
        var shown = Load("CudaWasmNutanix.Format.ps1xml").Descendants("TypeName").Select(name => name.Value).ToHashSet();
        IEnumerable<string> written = Cmdlets.All
            .SelectMany(cmdlet => cmdlet.CustomAttributes.Where(a => a.AttributeType.Name == "OutputTypeAttribute"))
            .SelectMany(attribute => (IEnumerable<CustomAttributeTypedArgument>)attribute.ConstructorArguments[0].Value!)
            .Select(argument => (Type)argument.Value!)
            .Where(type => type.Assembly != typeof(object).Assembly)
            .Select(type => type.FullName!);
        Assert.All(written, type => Assert.Contains(type, shown));
    }

    private static XElement View(string name) =>
        Load("CudaWasmNutanix.Format.ps1xml").Descendants("View").Single(view => view.Element("Name")!.Value == name);

    private static XDocument Load(string file) => XDocument.Load(Path.Combine(AppContext.BaseDirectory, file));

    private static Type? FindType(string name) =>
        Cmdlets.Assembly.GetReferencedAssemblies()
            .Where(reference => reference.Name != "System.Management.Automation")
            .Select(Assembly.Load)
            .Prepend(Cmdlets.Assembly)
            .Select(assembly => assembly.GetType(name))
            .FirstOrDefault(type => type is not null);
}
