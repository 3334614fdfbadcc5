using CudaWasm.Compiler.Semantics;
using CudaWasm.Compiler.Syntax;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler;

/// <summary>Compiles the selected kernels of one file.</summary>
internal sealed class KernelCompilation(SemanticModel model, IReadOnlyList<Diagnostic> syntaxErrors, CancellationToken cancellation)
{
    /// <summary>Counts more than any number of errors in a body: without its signature nothing of a kernel could be looked at.</summary>
    private const int NoSignature = 1_000_000;

    public IReadOnlyList<CompiledKernel> Compile(IReadOnlyList<SelectedKernel> selected)
    {
        var search = new RepresentativeSearch(model, () => new Binder(model, new PlacementChoices(), [], cancellation), (symbol, launches) => Try(symbol, launches, true));
        var seen = new HashSet<FunctionSymbol>();
        var results = new List<(SelectedKernel Selected, CompiledKernel Kernel)>();
        foreach (var kernel in selected)
        {
            if (kernel.Kernel is { } known)
            {
                if (seen.Add(known)) results.Add((kernel, Try(known, kernel.Launches, false).Kernel!));
                continue;
            }

            var found = search.Find(kernel.Open!, kernel.Launches);
            if (found.Symbol is null || seen.Add(found.Symbol)) results.Add((kernel, found.Kernel ?? NotAssumed(kernel.Open!)));
        }

        var works = results.Where(r => r.Kernel.Succeeded).Select(r => r.Selected.ByHostTemplate).OfType<TemplateSymbol>().ToHashSet();
        // An instance that fails beside others that do not belongs to a launch that its host template never reaches.
        return [.. results.Where(r => r.Kernel.Succeeded || r.Selected.ByHostTemplate is null || !works.Contains(r.Selected.ByHostTemplate)).Select(r => r.Kernel)];
    }

    private Trial Try(FunctionSymbol kernel, IReadOnlyList<HostLaunch> launches, bool isAssumed)
    {
        var choices = new PlacementChoices();
        while (true)
        {
            var diagnostics = new DiagnosticBag();
            var known = choices.Count;
            var binder = new Binder(model, choices, diagnostics, cancellation);
            var bound = Bind(binder, kernel, diagnostics);
            if (choices.Count > known && !diagnostics.HasErrors) continue;
            diagnostics.AddRange(syntaxErrors.Where(e => Concerns(e, binder.UsedFunctions)));
            var compiled = new CompiledKernel
            {
                Name = kernel.DisplayName,
                Module = diagnostics.HasErrors ? null : bound?.Module,
                Parameters = bound?.Parameters ?? [],
                Symbols = bound?.Symbols ?? [],
                Diagnostics = [.. diagnostics],
                Span = kernel.Span,
                IsAssumed = isAssumed,
                TemplateArguments = [.. kernel.TemplateArguments.Zip(kernel.Template?.Parameters ?? [], (argument, parameter) => new KernelTemplateArgument(parameter.Name ?? "", KindOf(parameter), argument.ToString()))],
                Launches = [.. launches.Select(l => new KernelLaunch(l.Span, [.. l.Configuration.Select(e => e.Span.Text)]))],
                StaticSharedBytes = bound?.Module.StaticSharedBytes ?? 0,
            };
            return new Trial(compiled, kernel, diagnostics.ErrorCount + (bound is null ? NoSignature : 0), binder.StatementCount);
        }
    }

    private static string KindOf(TemplateParameterSyntax parameter) => parameter.Kind switch
    {
        TemplateParameterKind.Type => "typename",
        TemplateParameterKind.Template => "template",
        _ => parameter.ValueType?.Span.Text ?? "auto",
    } + (parameter.IsPack ? "..." : "");

    /// <summary>A kernel template without any instance.</summary>
    private CompiledKernel NotAssumed(OpenKernel kernel)
    {
        var why = "";
        try
        {
            var first = kernel.Open.ToDictionary(p => p.Name!, Representatives.First);
            kernel.Instantiate(first);
        }
        catch (SemanticException error)
        {
            why = $" ({error.Diagnostic.Message})";
        }

        var message = $"nothing in the file gives the template arguments of '{kernel.Template.Name}', and none could be assumed{why}; ask for the kernel as '{kernel.Template.Name}<...>'";
        return new CompiledKernel
        {
            Name = kernel.Template.Name,
            Parameters = [],
            Diagnostics = [new Diagnostic(DiagnosticCodes.TemplateArguments, DiagnosticSeverity.Error, kernel.Template.Span, message)],
            Span = kernel.Template.Span,
            IsAssumed = true,
        };
    }

    /// <summary>Binds a kernel; a fault of the compiler itself becomes a diagnostic, so that one kernel never takes the others down.</summary>
    private static BoundKernel? Bind(Binder binder, FunctionSymbol kernel, DiagnosticBag diagnostics)
    {
        try
        {
            return binder.BindKernel(kernel);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            diagnostics.Error(DiagnosticCodes.Internal, kernel.Span, $"the compiler failed on '{kernel.DisplayName}' ({e.GetType().Name}: {e.Message}); please report this with the source");
            return null;
        }
    }

    /// <summary>A syntax error in a function concerns the kernels that use it; one outside of functions concerns all.</summary>
    private bool Concerns(Diagnostic error, IReadOnlySet<FunctionDeclaration> used)
    {
        bool Holds(SyntaxNode f) => ReferenceEquals(f.Span.Source, error.Span.Source) && error.Span.Start >= f.Span.Start && error.Span.Start <= f.Span.End;
        var inside = model.Functions.Where(Holds).ToList();
        return inside.Count == 0 || inside.Any(used.Contains);
    }
}
