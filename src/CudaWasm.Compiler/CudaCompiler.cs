using System.Diagnostics.CodeAnalysis;
using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Semantics;
using CudaWasm.Compiler.Syntax;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler;

/// <summary>CUDA C++ in, IR out.</summary>
public static class CudaCompiler
{
    private const string RequestPath = "--kernel";
    private const string WholeFile = "\u0001source";

    /// <summary>Compiles the kernels of a file. Never throws for what is wrong with the source: that is in the diagnostics.</summary>
    public static CudaCompilation Compile(SourceText source, CompileOptions options)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(options);
        return DeepStack.Run(() => CompileHere(source, options));
    }

    private static CudaCompilation CompileHere(SourceText source, CompileOptions options)
    {
        var diagnostics = new DiagnosticBag();
        try
        {
            var requests = options.Kernels.Where(k => k.Contains('<', StringComparison.Ordinal)).ToList();
            // Template arguments asked for are read by the parser like a launch at the end of the file.
            var text = requests.Count == 0 ? source : new SourceText(RequestPath, RequestText(requests));
            var files = new HeaderLibrary.Resolver(options.Resolver);
            ISourceResolver resolver = requests.Count == 0 ? files : new RequestResolver(source, files);
            var unit = CudaParser.Parse(text, new ParseOptions { Resolver = resolver, Defines = options.Defines, CancellationToken = options.CancellationToken }, diagnostics);
            options.CancellationToken.ThrowIfCancellationRequested();
            if (unit.IsCut) return new CudaCompilation([], [.. diagnostics]);
            var kernels = new KernelSelection(new SemanticModel(unit), options, diagnostics, RequestPath).Select().ToList();
            if (kernels.Count == 0 && !diagnostics.HasErrors) diagnostics.Error(DiagnosticCodes.NoKernel, new SourceSpan(source, 0, 0), "there is no __global__ function in this file");
            var syntaxErrors = diagnostics.Where(d => d.IsError).ToList();
            var compiled = kernels.Select(k => Compile(k, syntaxErrors, options.CancellationToken)).ToList();
            return new CudaCompilation(compiled, [.. diagnostics]);
        }
        catch (InsufficientExecutionStackException)
        {
            diagnostics.Error(DiagnosticCodes.NestingTooDeep, new SourceSpan(source, 0, 0), "this file is nested too deeply");
            return new CudaCompilation([], [.. diagnostics]);
        }
    }

    private static string RequestText(IEnumerable<string> requests) =>
        $"#include \"{WholeFile}\"\nvoid __cw_requested() {{\n{string.Join('\n', requests.Select(r => r + "<<<1, 1>>>();"))}\n}}\n";

    private static CompiledKernel Compile(SelectedKernel selected, List<Diagnostic> syntaxErrors, CancellationToken cancellation)
    {
        var choices = new PlacementChoices();
        while (true)
        {
            var diagnostics = new DiagnosticBag();
            var known = choices.Count;
            var binder = new Binder(selected.Model, choices, diagnostics, cancellation);
            var bound = Bind(binder, selected.Kernel, diagnostics);
            if (choices.Count > known && !diagnostics.HasErrors) continue;
            diagnostics.AddRange(syntaxErrors.Where(e => Concerns(e, selected, binder.UsedFunctions)));
            var function = bound?.Module.Kernel;
            return new CompiledKernel
            {
                Name = selected.Kernel.DisplayName,
                Module = diagnostics.HasErrors ? null : bound?.Module,
                Parameters = bound?.Parameters ?? [],
                Symbols = bound?.Symbols ?? [],
                Diagnostics = [.. diagnostics],
                Span = selected.Kernel.Span,
                IsAssumed = selected.IsAssumed,
                TemplateArguments = selected.TemplateArguments(),
                Launches = [.. selected.Launches.Select(l => new KernelLaunch(l.Span, [.. l.Configuration.Select(e => e.Span.Text)]))],
                StaticSharedBytes = function?.Variables.Where(v => v.Space == IrSpace.Shared).Aggregate(0L, (end, v) => ((end + v.Alignment - 1) / v.Alignment * v.Alignment) + v.Bytes) ?? 0,
            };
        }
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
    private static bool Concerns(Diagnostic error, SelectedKernel selected, IReadOnlySet<FunctionDeclaration> used)
    {
        bool Holds(SyntaxNode f) => ReferenceEquals(f.Span.Source, error.Span.Source) && error.Span.Start >= f.Span.Start && error.Span.Start <= f.Span.End;
        var inside = selected.Model.Functions.Where(Holds).ToList();
        return inside.Count == 0 || inside.Any(used.Contains);
    }

    /// <summary>Gives the file itself for the include in front of the requests.</summary>
    private sealed class RequestResolver(SourceText source, ISourceResolver? inner) : ISourceResolver
    {
        public bool TryResolve(string name, bool isAngled, SourceText includer, [NotNullWhen(true)] out SourceText? found)
        {
            found = source;
            return name == WholeFile || (inner is not null && inner.TryResolve(name, isAngled, includer, out found));
        }
    }
}
