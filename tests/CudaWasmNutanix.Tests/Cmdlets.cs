using System.Management.Automation;
using System.Reflection;
using CudaWasmNutanix.Pipeline;

namespace CudaWasmNutanix.Tests;

/// <summary>The module's cmdlets, as types.</summary>
internal static class Cmdlets
{
    public static Assembly Assembly { get; } = typeof(AsyncCmdlet).Assembly;

    public static IReadOnlyList<Type> All { get; } =
        [.. Assembly.GetTypes().Where(type => type.GetCustomAttribute<CmdletAttribute>() is not null).OrderBy(Name, StringComparer.Ordinal)];

    public static TheoryData<string> Names => [.. All.Select(Name)];

    public static Type Get(string name) => All.Single(type => Name(type) == name);

    public static IEnumerable<PropertyInfo> Parameters(Type cmdlet) =>
        cmdlet.GetProperties().Where(property => property.IsDefined(typeof(ParameterAttribute)));

    public static string Name(Type cmdlet)
    {
        var attribute = cmdlet.GetCustomAttribute<CmdletAttribute>()!;
        // The engine is a shell of itself here and keeps no constructor arguments; the metadata does.
        var arguments = cmdlet.CustomAttributes.Single(a => a.AttributeType == attribute.GetType()).ConstructorArguments;
        return $"{arguments[0].Value}-{arguments[1].Value}";
    }
}
