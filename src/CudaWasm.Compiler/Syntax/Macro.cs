using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Syntax;

/// <summary>The macros whose text depends on where they are used.</summary>
internal enum DynamicMacro
{
    None,
    Line,
    File,
    Counter,
    IncludeLevel,
}

/// <summary>A macro's definition.</summary>
/// <param name="name">Its name.</param>
/// <param name="parameters">Null for an object-like macro; the last one takes all further arguments where it is variadic.</param>
/// <param name="isVariadic">True for <c>...</c> and GNU's <c>args...</c>.</param>
/// <param name="body">The replacement.</param>
/// <param name="definition">Where it was defined.</param>
internal sealed class Macro(Identifier name, IReadOnlyList<Identifier>? parameters, bool isVariadic, Token[] body, SourceSpan definition)
{
    private readonly sbyte[] _parameterOf = FindParameters(body, parameters);

    public Identifier Name { get; } = name;

    public IReadOnlyList<Identifier>? Parameters { get; } = parameters;

    public bool IsFunctionLike => Parameters is not null;

    public bool IsVariadic { get; } = isVariadic;

    public Token[] Body { get; } = body;

    public SourceSpan Definition { get; } = definition;

    public DynamicMacro Dynamic { get; init; }

    /// <summary>True where the body pastes tokens, so that even an object-like macro needs substitution.</summary>
    public bool HasPaste { get; } = Array.Exists(body, t => t.Kind == TokenKind.HashHash);

    /// <summary>How many expansions of this macro are being scanned; while not zero its name is not expanded again.</summary>
    public int Active { get; set; }

    /// <summary>The parameter that a token of the body names; -1 for none.</summary>
    public int ParameterAt(int index) => _parameterOf[index];

    private static sbyte[] FindParameters(Token[] body, IReadOnlyList<Identifier>? parameters)
    {
        var found = new sbyte[body.Length];
        for (var i = 0; i < body.Length; i++)
        {
            found[i] = -1;
            for (var p = 0; p < (parameters?.Count ?? 0); p++)
            {
                if (ReferenceEquals(body[i].Name, parameters![p])) found[i] = (sbyte)p;
            }
        }

        return found;
    }
}
