using CudaWasm.Compiler.Syntax;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Semantics;

/// <summary>A kernel to be compiled.</summary>
/// <param name="Kernel">The instance; null where arguments have to be found.</param>
/// <param name="Open">The template, where some arguments are not known.</param>
internal sealed record SelectedKernel(FunctionSymbol? Kernel, OpenKernel? Open)
{
    /// <summary>The launches that ask for it.</summary>
    public List<HostLaunch> Launches { get; init; } = [];

    /// <summary>Made for a launch in a host template, which may not be reached with these arguments: <c>if constexpr</c> and its kin are not followed.</summary>
    public TemplateSymbol? ByHostTemplate { get; init; }
}

/// <summary>Chooses the kernels to compile: those asked for, else all, with the template arguments that host code gives.</summary>
internal sealed class KernelSelection(SemanticModel model, CompileOptions options, DiagnosticBag diagnostics, string requestPath)
{
    /// <summary>Instances of one kernel that host templates ask for: beyond these more of a dispatch table tells nothing new.</summary>
    private const int MaxByHostTemplates = 24;

    private HostTemplates? _hosts;

    public IEnumerable<SelectedKernel> Select()
    {
        var kernels = model.Kernels().ToList();
        var plain = options.Kernels.Where(k => !k.Contains('<', StringComparison.Ordinal)).Select(k => k.Trim()).ToList();
        var requests = model.Unit.Launches.Where(l => l.Span.Path == requestPath).ToList();
        foreach (var name in plain.Where(n => !kernels.Any(k => Matches(k, n)))) ReportMissing(name, kernels);
        foreach (var request in requests.Where(r => !kernels.Any(k => k.Name == r.Kernel.Last.Identifier))) ReportMissing(request.Kernel.Last.Identifier, kernels);
        var seen = new Dictionary<FunctionSymbol, SelectedKernel>();
        var first = new Dictionary<string, Symbol>();
        foreach (var kernel in kernels)
        {
            if (!first.TryAdd(Signature(kernel), kernel))
            {
                var earlier = first[Signature(kernel)].Span;
                if (earlier != kernel.Span) diagnostics.Error(DiagnosticCodes.Redeclared, kernel.Span, $"the kernel '{kernel.Name}' is defined twice", DiagnosticBag.Note(earlier, "the first definition is here"));
                continue;
            }

            var isWanted = options.Kernels.Count == 0 || plain.Any(n => Matches(kernel, n));
            foreach (var selected in Select(kernel, isWanted, requests))
            {
                if (selected.Kernel is null || seen.TryAdd(selected.Kernel, selected)) yield return selected;
                else seen[selected.Kernel].Launches.AddRange(selected.Launches);
            }
        }
    }

    /// <summary>Where a kernel stands, its name, and its parameters as they are written; template parameters may tell more kernels apart.</summary>
    private static string Signature(Symbol kernel)
    {
        var (prefix, syntax) = kernel is TemplateSymbol t ? ($"{t.Scope.Prefix}<{string.Join(',', t.Parameters.Select(p => Spelling(p.Span)))}>", t.Declaration) : (((FunctionSymbol)kernel).DisplayName + ((FunctionSymbol)kernel).Scope.Prefix, ((FunctionSymbol)kernel).Declaration);
        return $"{prefix}|{kernel.Name}({string.Join(',', ((FunctionDeclaration)syntax).Parameters.Select(p => Spelling(p.Type.Span)))})";
    }

    private static string Spelling(SourceSpan span) => string.Concat(span.Text.Where(c => !char.IsWhiteSpace(c)));

    private static bool Matches(Symbol kernel, string name) => kernel.Name == name || (kernel is FunctionSymbol f && (f.DisplayName == name || f.Scope.Prefix + f.Name == name));

    private IEnumerable<SelectedKernel> Select(Symbol kernel, bool isWanted, List<HostLaunch> requests)
    {
        if (kernel is FunctionSymbol function)
        {
            if (isWanted) yield return new SelectedKernel(function, null) { Launches = [.. model.Unit.Launches.Where(l => l.Kernel.Last.Identifier == function.Name)] };
            yield break;
        }

        var template = (TemplateSymbol)kernel;
        foreach (var request in requests.Where(r => r.Kernel.Last.Identifier == template.Name))
        {
            if (Instantiate(template, request, HostArguments.None, true) is { } instance) yield return new SelectedKernel(instance, null);
        }

        if (!isWanted) yield break;
        var isFound = false;
        foreach (var selected in SelectByHost(template))
        {
            isFound = true;
            yield return selected;
        }

        if (isFound) yield break;
        yield return new SelectedKernel(null, new OpenKernel(template, [.. Representatives.Open(template.Parameters)], choice => NewBinder().InstantiateKernel(template, choice)));
    }

    /// <summary>The instances that host code names: its launches first, then where it spells the arguments without launching.</summary>
    private IEnumerable<SelectedKernel> SelectByHost(TemplateSymbol template)
    {
        _hosts ??= new HostTemplates(model, NewBinder);
        var open = new List<SelectedKernel>();
        var isFound = false;
        var byTemplates = new HashSet<FunctionSymbol>();
        foreach (var site in model.Unit.Launches.Concat(model.Unit.HostCalls).Where(l => l.Span.Path != requestPath && l.Name.Last.Identifier == template.Name))
        {
            if (site.Name.Last.Arguments is null && site.Arguments.Count == 0) continue;
            foreach (var around in _hosts.Of(site))
            {
                if (around.Open.Count > 0)
                {
                    open.Add(new SelectedKernel(null, new OpenKernel(template, around.Open, choice => NewBinder().InstantiateKernel(template, site, around.With(choice)))) { Launches = LaunchOf(site) });
                }
                else if (Instantiate(template, site, around, false) is { } instance)
                {
                    isFound = true;
                    if (around.ByName.Count > 0 && byTemplates.Add(instance) && byTemplates.Count > MaxByHostTemplates) continue;
                    yield return new SelectedKernel(instance, null) { Launches = LaunchOf(site), ByHostTemplate = around.ByName.Count > 0 ? template : null };
                }
            }
        }

        if (isFound) yield break;
        foreach (var kernel in open) yield return kernel;
    }

    private static List<HostLaunch> LaunchOf(HostCall site) => site is HostLaunch launch ? [launch] : [];

    private FunctionSymbol? Instantiate(TemplateSymbol template, HostCall site, HostArguments around, bool isRequest)
    {
        try
        {
            return NewBinder().InstantiateKernel(template, site, around);
        }
        catch (SemanticException error)
        {
            // Arguments that only the host program knows are no error of the kernel's.
            if (isRequest) diagnostics.Add(error.Diagnostic);
            return null;
        }
    }

    private Binder NewBinder() => new(model, new PlacementChoices(), diagnostics, options.CancellationToken);

    private void ReportMissing(string name, List<Symbol> kernels)
    {
        var near = NearestName.Find(name, kernels.Select(k => k.Name));
        var hint = near is not null ? $"; did you mean '{near}'?" : kernels.Count > 0 ? $"; there are {string.Join(", ", kernels.Select(k => $"'{k.Name}'").Distinct())}" : "";
        diagnostics.Error(DiagnosticCodes.KernelNotFound, SourceSpan.None, $"there is no kernel '{name}' in this file{hint}");
    }
}
