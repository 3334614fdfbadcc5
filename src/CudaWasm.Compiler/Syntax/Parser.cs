using System.Runtime.CompilerServices;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Syntax;

/// <summary>
/// A recursive-descent parser for CUDA C++17. Names are tracked so far as the grammar needs them; where a name comes from a header
/// that is not there, its surroundings decide. After an error the parser is in panic until the end of the statement or declaration,
/// and stays silent; host code is parsed quietly, so that what it cannot read is left out.
/// </summary>
internal sealed partial class Parser
{
    /// <summary>Parentheses, blocks, types and classes within each other; clang's bracket depth.</summary>
    private const int MaxDepth = 256;

    /// <summary>
    /// Else-ifs or cases in a row, and the depth of an expression's tree, which operators in a row deepen without any nesting in
    /// the text. Whoever walks the tree by recursion can count on it.
    /// </summary>
    private const int MaxChain = 1000;

    private readonly SourceText _source;
    private readonly Token[] _mainTokens;
    private readonly IReadOnlyDictionary<int, IReadOnlyList<Token>> _unrolls;
    private readonly DiagnosticBag _diagnostics;
    private readonly CancellationToken _cancellation;
    private readonly bool _isCut;

    /// <summary>The lines the preprocessor complained about: what the parser cannot read there follows from that.</summary>
    private readonly HashSet<(SourceText? Source, int Line)> _known;
    private readonly bool _hasOpenComment;
    private readonly List<HostLaunch> _launches = [];
    private readonly List<Diagnostic> _tolerated = [];
    private Token[] _tokens;
    private int _position;
    private int _depth;

    /// <summary>The depth of the tree of the expression parsed last.</summary>
    private int _treeDepth;
    private bool _isPanicking;
    private bool _isPoisoned;
    private bool _isQuiet;
    private Scope _scope;

    public Parser(SourceText source, TokenStream tokens, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        _source = source;
        _tokens = _mainTokens = tokens.Tokens;
        _unrolls = tokens.Unrolls;
        _diagnostics = diagnostics;
        _cancellation = cancellation;
        _isCut = tokens.IsCut;
        _known = [.. diagnostics.Where(d => d.IsError).Select(d => (d.Span.Source, d.Span.Line))];
        _hasOpenComment = diagnostics.Any(d => d.Code == DiagnosticCodes.UnterminatedComment);
        _scope = new Scope(ScopeKind.Namespace, BuiltinTypeNames.CreateScope());
    }

    public TranslationUnit ParseTranslationUnit()
    {
        var members = new List<DeclarationSyntax>();
        ParseMembers(members, default);
        ReadHostCode();
        return new TranslationUnit(new SourceSpan(_source, 0, _source.Text.Length), members, _launches) { HostCalls = _hostCalls, Tolerated = _tolerated, IsCut = _isCut };
    }

    private ref readonly Token Current => ref _tokens[_position];

    private TokenKind Kind => _tokens[_position].Kind;

    private TokenKind PeekKind(int offset) => KindAt(_position + offset);

    private TokenKind KindAt(int position) => _tokens[Math.Min(position, _tokens.Length - 1)].Kind;

    private Token TokenAt(int position) => _tokens[Math.Min(position, _tokens.Length - 1)];

    private Token Advance()
    {
        var token = _tokens[_position];
        if (_position < _tokens.Length - 1) _position++;
        return token;
    }

    private bool Accept(TokenKind kind)
    {
        if (Kind != kind) return false;
        Advance();
        return true;
    }

    private bool AcceptName(string name)
    {
        if (Kind != TokenKind.Identifier || Current.NameText != name) return false;
        Advance();
        return true;
    }

    /// <summary>Goes back to a token seen before; a parse that was given up stays at the end.</summary>
    private void Rewind(int position)
    {
        if (!_isPoisoned) _position = position;
    }

    /// <summary>Takes the token or reports that it is missing, at the end of the token before it.</summary>
    private bool Expect(TokenKind kind, string text, string after = "")
    {
        if (Accept(kind)) return true;
        ReportMissing(text, after);
        return false;
    }

    /// <summary>Takes the bracket that closes another one.</summary>
    private bool ExpectClosing(TokenKind kind, string text, SourceSpan open)
    {
        if (Accept(kind)) return true;
        Report(DiagnosticCodes.UnexpectedToken, PlaceOfMissing(), $"expected '{text}'", [DiagnosticBag.Note(open, "to match this one")]);
        return false;
    }

    private void ReportMissing(string text, string after = "")
    {
        if (Kind == TokenKind.Unknown) ReportUnexpected(text);
        else Report(DiagnosticCodes.UnexpectedToken, PlaceOfMissing(), $"expected '{text}'{(after.Length > 0 ? " " + after : "")}");
    }

    /// <summary>Right behind the token before, where a person would write what is missing; but here if that is on the same line.</summary>
    private SourceSpan PlaceOfMissing()
    {
        if (_position == 0 || !(Current.AtLineStart || Kind == TokenKind.End)) return Current.Span;
        var before = _tokens[_position - 1].Span;
        return before.Expansion is null ? before with { Start = before.End, Length = 1 } : before;
    }

    /// <summary>Reports that the current token does not belong here.</summary>
    private void ReportUnexpected(string expected)
    {
        if (Kind == TokenKind.Unknown)
        {
            Report(DiagnosticCodes.UnexpectedCharacter, Current.Span, $"character '{Current.Text}' does not belong in a program");
            return;
        }

        Report(DiagnosticCodes.UnexpectedToken, Current.Span, $"expected {expected}, not {Describe(Current)}");
    }

    private static string Describe(Token token) => token.Kind == TokenKind.End ? "the end of the file" : $"'{token.Text}'";

    private void Report(string code, SourceSpan span, string message, IReadOnlyList<Diagnostic>? notes = null)
    {
        if (_isPanicking) return;
        _isPanicking = true;
        if (Kind == TokenKind.End && code == DiagnosticCodes.UnexpectedToken) code = DiagnosticCodes.UnexpectedEnd;
        if (_isCut || (_hasOpenComment && Kind == TokenKind.End) || (_known.Count > 0 && _known.Contains((span.Source, span.Line)))) return;
        if (_isQuiet) _firstTolerated ??= new Diagnostic(code, DiagnosticSeverity.Error, span, message, notes);
        else _diagnostics.Error(code, span, message, notes ?? []);
    }

    /// <summary>Goes one level deeper; false, with the rest of the declaration given up, where that is too deep.</summary>
    /// <param name="isLoud">True where device code may be inside, so that it must be told even in host code.</param>
    private bool TryEnter(bool isLoud = false)
    {
        if (_depth >= MaxDepth || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            if (isLoud && !_isScanningHost) _isQuiet = false;
            GiveUp($"nesting passes {MaxDepth} levels");
            return false;
        }

        _depth++;
        return true;
    }

    private void Leave() => _depth--;

    /// <summary>Notes how deep the tree of an expression became.</summary>
    private void SetTreeDepth(int depth)
    {
        _treeDepth = depth;
        if (depth > MaxChain) GiveUp($"an expression is over {MaxChain} operators deep: divide it");
    }

    /// <summary>Ends the declaration at hand: until its recovery every token reads as the end of the file.</summary>
    private void GiveUp(string message)
    {
        Report(DiagnosticCodes.NestingTooDeep, Current.Span, message);
        _isPanicking = true;
        _isPoisoned = true;
        _position = _tokens.Length - 1;
    }

    private SourceSpan SpanFrom(int start) => SpanBetween(start, _position - 1);

    private SourceSpan SpanBetween(int first, int last) => TokenAt(first).Span.To(TokenAt(Math.Max(first, last)).Span);

    private Scope PushScope(ScopeKind kind)
    {
        var outer = _scope;
        _scope = new Scope(kind, outer);
        return outer;
    }

    private static ExpressionSyntax Missing(SourceSpan span) => new IntegerLiteral(span, 0, false, 0, true);

    private static NameSyntax SimpleName(string text, SourceSpan span) => new(span, false, [new NamePart(text, null, span)]);
}
