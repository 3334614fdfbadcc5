using CudaWasm.Compiler.Syntax;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Semantics;

/// <summary>A kernel to be compiled, with its template arguments.</summary>
internal sealed record SelectedKernel(SemanticModel Model, FunctionSymbol Kernel, bool IsAssumed)
{
    /// <summary>The launches that ask for it.</summary>
    public List<HostLaunch> Launches { get; init; } = [];

    public IReadOnlyList<KernelTemplateArgument> TemplateArguments() =>
        [.. Kernel.TemplateArguments.Zip(Kernel.Template?.Parameters ?? [], (argument, parameter) => new KernelTemplateArgument(parameter.Name ?? "", KindOf(parameter), argument.ToString()))];

    private static string KindOf(TemplateParameterSyntax parameter) => parameter.Kind switch
    {
        TemplateParameterKind.Type => "typename",
        TemplateParameterKind.Template => "template",
        _ => parameter.ValueType?.Span.Text ?? "auto",
    } + (parameter.IsPack ? "..." : "");
}

/// <summary>Chooses the kernels to compile: those asked for, else all, with the template arguments that launches name.</summary>
internal sealed class KernelSelection(SemanticModel model, CompileOptions options, DiagnosticBag diagnostics, string requestPath)
{
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
                if (seen.TryAdd(selected.Kernel, selected)) yield return selected;
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
            if (isWanted) yield return new SelectedKernel(model, function, false) { Launches = [.. model.Unit.Launches.Where(l => l.Kernel.Last.Identifier == function.Name)] };
            yield break;
        }

        var template = (TemplateSymbol)kernel;
        var isFound = false;
        foreach (var request in requests.Where(r => r.Kernel.Last.Identifier == template.Name))
        {
            if (Instantiate(template, request, true) is { } instance) yield return new SelectedKernel(model, instance, false);
        }

        if (!isWanted) yield break;
        foreach (var launch in model.Unit.Launches.Where(l => l.Span.Path != requestPath && l.Kernel.Last.Identifier == template.Name && (l.Kernel.Last.Arguments is not null || l.Arguments.Count > 0)))
        {
            if (Instantiate(template, launch, false) is not { } instance) continue;
            isFound = true;
            yield return new SelectedKernel(model, instance, launch.HostFunction?.TemplateParameters is { Count: > 0 }) { Launches = [launch] };
        }

        if (isFound) yield break;
        if (Assume(template) is { } assumed) yield return new SelectedKernel(model, assumed, true);
    }

    private FunctionSymbol? Instantiate(TemplateSymbol template, HostLaunch launch, bool isRequest)
    {
        var binder = NewBinder();
        try
        {
            return binder.InstantiateKernel(template, launch);
        }
        catch (SemanticException error)
        {
            // Arguments that only the host program knows are no error of the kernel's.
            if (isRequest) diagnostics.Add(error.Diagnostic);
            return null;
        }
    }

    private FunctionSymbol? Assume(TemplateSymbol template)
    {
        try
        {
            return NewBinder().AssumeKernel(template);
        }
        catch (SemanticException error)
        {
            diagnostics.Error(DiagnosticCodes.TemplateArguments, template.Span, $"no launch names the template arguments of '{template.Name}', and none could be assumed ({error.Diagnostic.Message}); ask for the kernel as '{template.Name}<...>'");
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
