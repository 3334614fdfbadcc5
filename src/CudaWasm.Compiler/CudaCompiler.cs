using System.Diagnostics.CodeAnalysis;
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
            // Template arguments asked for are read by the parser like a launch at the end of the file, forced includes at its start.
            var isWrapped = requests.Count > 0 || options.Includes.Count > 0;
            var text = isWrapped ? new SourceText(RequestPath, RequestText(options.Includes, requests)) : source;
            var files = new HeaderLibrary.Resolver(options.Resolver);
            ISourceResolver resolver = isWrapped ? new RequestResolver(source, files) : files;
            foreach (var name in options.Includes.Where(i => !resolver.TryResolve(i, false, text, out _)))
            {
                diagnostics.Error(DiagnosticCodes.IncludeNotFound, SourceSpan.None, $"cannot find '{name}', which was to be included first: it must lie in the source's folder or in an include path");
            }

            var unit = CudaParser.Parse(text, new ParseOptions { Resolver = resolver, Defines = options.Defines, CancellationToken = options.CancellationToken }, diagnostics);
            options.CancellationToken.ThrowIfCancellationRequested();
            if (unit.IsCut) return new CudaCompilation([], [.. diagnostics]);
            var model = new SemanticModel(unit);
            var kernels = new KernelSelection(model, options, diagnostics, RequestPath).Select().ToList();
            if (kernels.Count == 0 && !diagnostics.HasErrors) diagnostics.Error(DiagnosticCodes.NoKernel, new SourceSpan(source, 0, 0), "there is no __global__ function in this file");
            var compiled = new KernelCompilation(model, [.. diagnostics.Where(d => d.IsError)], options.CancellationToken).Compile(kernels);
            return new CudaCompilation(compiled, [.. diagnostics]);
        }
        catch (InsufficientExecutionStackException)
        {
            diagnostics.Error(DiagnosticCodes.NestingTooDeep, new SourceSpan(source, 0, 0), "this file is nested too deeply");
            return new CudaCompilation([], [.. diagnostics]);
        }
    }

    private static string RequestText(IEnumerable<string> includes, IEnumerable<string> requests) =>
        string.Concat(includes.Select(i => $"#include \"{i}\"\n")) + $"#include \"{WholeFile}\"\nvoid __cw_requested() {{\n{string.Join('\n', requests.Select(r => r + "<<<1, 1>>>();"))}\n}}\n";

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
