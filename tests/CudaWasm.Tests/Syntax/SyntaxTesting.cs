using System.Diagnostics.CodeAnalysis;
using CudaWasm.Compiler;
using CudaWasm.Compiler.Syntax;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Tests.Syntax;

/// <summary>What the tests of the syntax share.</summary>
internal static class SyntaxTesting
{
    public static TranslationUnit Parse(string text, out DiagnosticBag diagnostics, params (string Name, string Text)[] headers)
    {
        diagnostics = [];
        var options = new ParseOptions { Resolver = new Headers(headers), CancellationToken = TestContext.Current.CancellationToken };
        return CudaParser.Parse(new SourceText("test.cu", text), options, diagnostics);
    }

    /// <summary>Parses text that must have no errors.</summary>
    public static TranslationUnit ParseValid(string text, params (string Name, string Text)[] headers)
    {
        var unit = Parse(text, out var diagnostics, headers);
        Assert.True(diagnostics.Count == 0, string.Join("\n", diagnostics.Select(d => d.Render())));
        return unit;
    }

    /// <summary>The statements of the body of a kernel with these lines.</summary>
    public static IReadOnlyList<StatementSyntax> ParseBody(string body)
    {
        var unit = ParseValid($"__global__ void kernel(int* p, float a, int n)\n{{\n{body}\n}}\n");
        return unit.Members.OfType<FunctionDeclaration>().Single().Body!.Statements;
    }

    public static ExpressionSyntax ParseExpression(string text) => Assert.IsType<ExpressionStatement>(Assert.Single(ParseBody(text + ";"))).Expression;

    /// <summary>The file's tokens after preprocessing, with one blank between them.</summary>
    public static string Preprocess(string text, out DiagnosticBag diagnostics, params (string Name, string Text)[] headers)
    {
        diagnostics = [];
        var stream = Preprocessor.Run(new SourceText("test.cu", text), new ParseOptions { Resolver = new Headers(headers) }, diagnostics);
        return string.Join(' ', stream.Tokens.SkipLast(1).Select(t => t.Text));
    }

    public static string Preprocess(string text, params (string Name, string Text)[] headers)
    {
        var result = Preprocess(text, out var diagnostics, headers);
        Assert.True(diagnostics.Count == 0, string.Join("\n", diagnostics.Select(d => d.Render())));
        return result;
    }

    private sealed class Headers((string Name, string Text)[] files) : ISourceResolver
    {
        private readonly Dictionary<string, SourceText> _files = files.ToDictionary(f => f.Name, f => new SourceText(f.Name, f.Text));

        public bool TryResolve(string name, bool isAngled, SourceText includer, [NotNullWhen(true)] out SourceText? source) => _files.TryGetValue(name, out source);
    }
}
