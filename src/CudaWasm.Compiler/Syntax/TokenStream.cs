namespace CudaWasm.Compiler.Syntax;

/// <summary>What the preprocessor hands to the parser.</summary>
/// <param name="Tokens">The tokens, closed by <see cref="TokenKind.End"/>.</param>
/// <param name="IsCut">True where the preprocessor gave up before the end.</param>
/// <param name="Unrolls">For each token marked <see cref="TokenFlags.Unroll"/>, by its index, the tokens of the pragma's count; empty for a bare <c>#pragma unroll</c>.</param>
internal sealed record TokenStream(Token[] Tokens, bool IsCut, IReadOnlyDictionary<int, IReadOnlyList<Token>> Unrolls)
{
    /// <summary>These tokens, which no end closes, and then those of another stream.</summary>
    public TokenStream Before(TokenStream next)
    {
        var unrolls = new Dictionary<int, IReadOnlyList<Token>>(Unrolls);
        foreach (var (index, count) in next.Unrolls) unrolls.Add(Tokens.Length + index, count);
        return new TokenStream([.. Tokens, .. next.Tokens], IsCut || next.IsCut, unrolls);
    }
}
