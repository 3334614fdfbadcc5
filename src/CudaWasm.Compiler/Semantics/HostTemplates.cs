using CudaWasm.Compiler.Syntax;

namespace CudaWasm.Compiler.Semantics;

/// <summary>Template arguments of the host code that a launch stands in.</summary>
/// <param name="ByName">Those that are known.</param>
/// <param name="Open">The parameters that nothing in the file gives.</param>
internal sealed record HostArguments(IReadOnlyDictionary<string, TemplateArgument> ByName, IReadOnlyList<TemplateParameterSyntax> Open)
{
    public static HostArguments None { get; } = new(new Dictionary<string, TemplateArgument>(), []);

    public HostArguments With(IReadOnlyDictionary<string, TemplateArgument> more)
    {
        var all = new Dictionary<string, TemplateArgument>(ByName);
        foreach (var (name, argument) in more) all[name] = argument;
        return this with { ByName = all };
    }

    public string Key => string.Join(";", ByName.OrderBy(x => x.Key, StringComparer.Ordinal).Select(x => x.Key + "=" + x.Value.Key));
}

/// <summary>
/// Follows the calls of host code: where a launch stands in a host template, its callers give the template arguments, and theirs
/// do where they are templates themselves.
/// </summary>
internal sealed class HostTemplates(SemanticModel model, Func<Binder> newBinder)
{
    /// <summary>Sets of arguments followed for one host function.</summary>
    private const int MaxSets = 64;

    private readonly Dictionary<(FunctionDeclaration?, HostClass?), IReadOnlyList<HostArguments>> _known = [];

    /// <summary>The sets of template arguments that the code around a call is made with; one set, with open parameters, where nothing tells.</summary>
    public IReadOnlyList<HostArguments> Of(HostCall site)
    {
        var key = (site.HostFunction is { TemplateParameters.Count: > 0 } f ? f : null, site.HostClass is { TemplateParameters.Count: > 0 } c ? c : null);
        if (key is (null, null)) return [HostArguments.None];
        if (_known.TryGetValue(key, out var known)) return known;
        _known[key] = []; // A template that calls itself adds nothing.
        return _known[key] = Find(key.Item1, key.Item2);
    }

    private List<HostArguments> Find(FunctionDeclaration? function, HostClass? owner)
    {
        List<TemplateParameterSyntax> parameters = [.. owner?.TemplateParameters ?? [], .. function?.TemplateParameters ?? []];
        var ofClass = owner is null ? [] : Distinct(Named(owner));
        var ofFunction = function is null ? [] : Distinct(Called(function));
        var sets = from a in ofClass.DefaultIfEmpty(HostArguments.None)
                   from b in ofFunction.DefaultIfEmpty(HostArguments.None)
                   let both = a.With(b.ByName)
                   select both with { Open = [.. Representatives.Open(parameters).Where(p => !both.ByName.ContainsKey(p.Name!))] };
        var all = sets.Take(MaxSets).ToList();
        return all.Any(s => s.Open.Count == 0) ? [.. all.Where(s => s.Open.Count == 0)] : all;
    }

    private static List<HostArguments> Distinct(IEnumerable<Dictionary<string, TemplateArgument>> found) =>
        [.. found.Where(d => d.Count > 0).Select(d => new HostArguments(d, [])).DistinctBy(a => a.Key).Take(MaxSets)];

    private IEnumerable<Dictionary<string, TemplateArgument>> Called(FunctionDeclaration function) =>
        from call in model.Unit.HostCalls
        where call.Name.Last.Identifier == function.Name.Last.Identifier && call.Arguments.Count <= function.Parameters.Count
        from around in Of(call)
        select newBinder().DeduceHostCall(function, call, around);

    private IEnumerable<Dictionary<string, TemplateArgument>> Named(HostClass owner) =>
        from call in model.Unit.HostCalls
        let part = call.Name.Parts.FirstOrDefault(p => p.Identifier == owner.Name && p.Arguments is not null)
        where part is not null
        from around in Of(call)
        select newBinder().DeduceHostClass(owner, part, call, around);
}
