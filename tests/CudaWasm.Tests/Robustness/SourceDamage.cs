using System.Text;

namespace CudaWasm.Tests.Robustness;

/// <summary>Cuts, doubles, moves, scribbles over and inserts into a program. The same random numbers give the same damage.</summary>
internal static class SourceDamage
{
    /// <summary>Less is not worth compiling.</summary>
    private const int MinLength = 40;

    /// <summary>What starts, ends or turns around something.</summary>
    private static readonly string[] Pieces =
    [
        "(", ")", "[", "]", "{", "}", "<", ">", ">>>", "<<<", ";", ",", ":", "::", "::*", "?", "...", "#", "##", "\n", "\\\n", "\"", "'", "/*", "//", "R\"(", "#if 1\n", "#else\n", "#endif\n",
        "#define ", "#define TILE ", "#include \"", "#include MACRO\n", "template <", "typename ", "operator", "struct ", "enum ", "namespace ", "__global__ ", "__device__ ", "__shared__ ", "auto ", "~", "&", "&&",
        "*", "=", "0x", "1e", "\0", "\uFFFD", "case ", "else ", "decltype(", "sizeof...", "asm(", "new ", "throw ", "extern \"C\" ", "[[", "]]", "alignas(", "using ", "friend ", "_Pragma(\"unroll\")", "__VA_OPT__(",
    ];

    public static string Mutilate(string program, Random random)
    {
        var text = new StringBuilder(program);
        for (var edits = random.Next(1, 8); edits > 0 && text.Length > MinLength; edits--) Damage(text, random);
        return text.ToString();
    }

    private static void Damage(StringBuilder text, Random random)
    {
        var place = random.Next(text.Length);
        var length = Math.Min(random.Next(1, 60), text.Length - place);
        switch (random.Next(12))
        {
            case < 3:
                text.Remove(place, length);
                break;
            case < 6:
                text.Insert(place, Pieces[random.Next(Pieces.Length)]);
                break;
            case < 8:
                text.Insert(random.Next(text.Length), text.ToString(place, length));
                break;
            case < 11:
                text[place] = (char)random.Next(1, 256);
                break;
            default:
                text.Length = Math.Max(MinLength, place);
                break;
        }
    }
}
