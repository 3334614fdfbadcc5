using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Syntax;

/// <summary>
/// The C++17 preprocessor with GNU's extensions. Macros are expanded the way clang and gcc do it: expansions lie on a stack, and
/// a macro's name is not expanded while its own expansion is being scanned; a name met then is never expanded later.
/// </summary>
internal sealed partial class Preprocessor
{
    /// <summary>Longer sources are refused: characters of one file.</summary>
    private const int MaxSourceLength = 64 * 1024 * 1024;

    /// <summary>Tokens handed to the parser.</summary>
    private const int MaxTokens = 8_000_000;

    private const int CancellationInterval = 4096;

    private readonly ParseOptions _options;
    private readonly DiagnosticBag _diagnostics;
    private readonly IdentifierTable _names = new();
    private readonly List<Token> _output = [];
    private readonly Dictionary<int, IReadOnlyList<Token>> _unrolls = [];
    private readonly List<FileFrame> _files = [];
    private readonly Dictionary<Identifier, Stack<Macro?>> _pushedMacros = [];
    private readonly SortedSet<string> _implicitHeaders = new(StringComparer.Ordinal);
    private IReadOnlyList<Token>? _pendingUnroll;
    private Token? _pushedBack;
    private Token _end;
    private int _baseDepth;
    private int _counter;
    private bool _aborted;

    private Preprocessor(ParseOptions options, DiagnosticBag diagnostics)
    {
        _options = options;
        _diagnostics = diagnostics;
    }

    /// <summary>Preprocesses the predefined macros, the prelude and then the source into one stream.</summary>
    public static TokenStream Run(SourceText source, ParseOptions options, DiagnosticBag diagnostics)
    {
        var preprocessor = new Preprocessor(options, diagnostics);
        preprocessor._end = new Token(TokenKind.End, source, source.Text.Length, 0, TokenFlags.AtLineStart);
        preprocessor.DefineDynamicMacros();
        preprocessor.Process(PredefinedMacros.Source);
        preprocessor.Process(PredefinedMacros.FromDefines(options.Defines));
        foreach (var prelude in options.Prelude) preprocessor.Process(prelude);
        preprocessor.Process(source);
        preprocessor._output.Add(preprocessor._end);
        var file = new TokenStream([.. preprocessor._output], preprocessor._aborted, preprocessor._unrolls);
        return preprocessor._implicitHeaders.Aggregate(file, (all, header) => RunHeader(header, options, diagnostics) is { } found ? found.Before(all) : all);
    }

    /// <summary>Preprocesses a library header that stands before the file, whose macros do not reach it.</summary>
    private static TokenStream? RunHeader(string name, ParseOptions options, DiagnosticBag diagnostics)
    {
        var preprocessor = new Preprocessor(options, diagnostics);
        if (options.Resolver is null || !options.Resolver.TryResolve(name, true, PredefinedMacros.Source, out var header)) return null;
        preprocessor._end = new Token(TokenKind.End, header, header.Text.Length, 0, TokenFlags.AtLineStart);
        preprocessor.DefineDynamicMacros();
        preprocessor.Process(PredefinedMacros.Source);
        preprocessor.Process(header);
        return new TokenStream([.. preprocessor._output], preprocessor._aborted, preprocessor._unrolls);
    }

    private void Process(SourceText source)
    {
        if (_aborted || !IsReadable(source)) return;
        _files.Add(new FileFrame(new Lexer(source, _names, _diagnostics)));
        _baseDepth = _files.Count;
        while (true)
        {
            var token = NextExpanded();
            if (token.Kind == TokenKind.End) break;
            if (token.Name is { Text: "_Pragma" }) ReadPragmaOperator(token);
            else Emit(token);
        }

        _contexts.Clear();
        _files.Clear();
    }

    private void Emit(Token token)
    {
        if (token.Kind == TokenKind.Identifier && token.Name!.Keyword != TokenKind.Identifier) token = token.With(token.Name.Keyword, token.Flags);
        if (token.Name?.ImplicitHeader is { } header) _implicitHeaders.Add(header);
        else if (token.Kind == TokenKind.Less && _output is [.., { Kind: TokenKind.Identifier, Name.Text: var template }] && ImplicitHeaders.OfTemplate(template) is { } own) _implicitHeaders.Add(own);
        if (_pendingUnroll is { } count)
        {
            token = token.With(token.Flags | TokenFlags.Unroll);
            _unrolls[_output.Count] = count;
            _pendingUnroll = null;
        }

        _output.Add(token);
        if (_output.Count >= MaxTokens) Abort(DiagnosticCodes.TooLarge, token.Span, $"the file and its headers hold over {MaxTokens:N0} tokens: leave out headers that kernels do not need");
        if (_output.Count % CancellationInterval == 0) _options.CancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>The next token of the file, past directives, at whatever depth of inclusion.</summary>
    private Token NextFileToken()
    {
        if (_pushedBack is { } back)
        {
            _pushedBack = null;
            return back;
        }

        while (!_aborted)
        {
            var file = _files[^1];
            var token = file.Lexer.Next();
            if (token.Kind == TokenKind.End)
            {
                LeaveFile(file);
                if (_files.Count == _baseDepth) return token;
                _files.RemoveAt(_files.Count - 1);
                continue;
            }

            if (token.Kind == TokenKind.Hash && token.AtLineStart)
            {
                ReadDirective(file, token);
                continue;
            }

            if (file.Conditionals.Count == 0) file.SeeTextOutsideOfGuard();
            return token;
        }

        return _end;
    }

    private void LeaveFile(FileFrame file)
    {
        if (file.HasEnded) return;
        file.HasEnded = true;
        foreach (var open in file.Conditionals)
        {
            Report(DiagnosticCodes.UnbalancedConditional, open.Span, $"#{open.Directive} has no #endif");
            break;
        }

        file.Conditionals.Clear();
        if (file.Guard is { } guard) _guards[file.Lexer.Source] = guard;
    }

    /// <summary>Reports what makes going on pointless; everything after reads as the end of the file.</summary>
    private void Abort(string code, SourceSpan span, string message)
    {
        if (_aborted) return;
        Report(code, span, message);
        _aborted = true;
    }

    private void Report(string code, SourceSpan span, string message, params IReadOnlyList<Diagnostic> notes)
    {
        if (!_aborted) _diagnostics.Error(code, span, message, notes);
    }

    private bool IsReadable(SourceText source)
    {
        if (source.Text.Length > MaxSourceLength)
        {
            Report(DiagnosticCodes.TooLarge, new SourceSpan(source, 0, 0), $"the file holds {source.Text.Length:N0} characters; the limit is {MaxSourceLength:N0}");
            return false;
        }

        var zero = source.Text.IndexOf('\0');
        var broken = zero >= 0 ? zero : FindBinary(source.Text);
        if (broken < 0) return true;
        Report(DiagnosticCodes.NotText, new SourceSpan(source, broken, 1), $"'{source.Path}' is not a text file: give the CUDA source, not what a compiler made of it");
        return false;
    }

    /// <summary>Bytes that are not UTF-8 read as U+FFFD: a few are an old encoding in comments, many are no text.</summary>
    private static int FindBinary(string text)
    {
        var first = text.IndexOf('\uFFFD');
        return first >= 0 && text.AsSpan().Count('\uFFFD') > text.Length / 10 ? first : -1;
    }
}

/// <summary>An open <c>#if</c>.</summary>
internal sealed class Conditional(string directive, SourceSpan span, bool wasTaken)
{
    public string Directive { get; } = directive;

    public SourceSpan Span { get; } = span;

    public bool WasTaken { get; set; } = wasTaken;

    public bool InElse { get; set; }

    /// <summary>The conditional that may turn out to be the file's include guard.</summary>
    public bool IsGuard { get; init; }
}

/// <summary>A file being read.</summary>
internal sealed class FileFrame(Lexer lexer)
{
    private bool _sawText;

    public Lexer Lexer { get; } = lexer;

    public List<Conditional> Conditionals { get; } = [];

    public bool HasEnded { get; set; }

    /// <summary>What <c>#line</c> added to the line numbers.</summary>
    public int LineOffset { get; set; }

    /// <summary>The name that <c>#line</c> gave the file.</summary>
    public string? LineFile { get; set; }

    /// <summary>The macro whose definition makes the whole file empty.</summary>
    public Identifier? Guard { get; private set; }

    /// <summary>True while nothing but the guard's own lines stood outside of it.</summary>
    public bool MayOpenGuard => !_sawText && Guard is null;

    public void SetGuard(Identifier name) => Guard = name;

    public void SeeTextOutsideOfGuard()
    {
        _sawText = true;
        Guard = null;
    }
}
