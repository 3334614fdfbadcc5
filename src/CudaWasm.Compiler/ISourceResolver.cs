using System.Diagnostics.CodeAnalysis;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler;

/// <summary>Finds the files that a source includes. The compiler itself does no I/O.</summary>
public interface ISourceResolver
{
    /// <param name="name">The name between the quotes or brackets.</param>
    /// <param name="isAngled">True for <c>#include &lt;name&gt;</c>.</param>
    /// <param name="includer">The file the directive stands in.</param>
    /// <param name="source">The file found. The same file must give the same object, so that <c>#pragma once</c> works.</param>
    bool TryResolve(string name, bool isAngled, SourceText includer, [NotNullWhen(true)] out SourceText? source);
}
