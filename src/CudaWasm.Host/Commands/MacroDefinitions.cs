using System.CommandLine.Parsing;
using System.Text.RegularExpressions;

namespace CudaWasm.Host.Commands;

/// <summary>Reads <c>-D K=V</c> as compilers do: the value is 1 where there is none, and the last one of a name counts.</summary>
internal static partial class MacroDefinitions
{
    public static Dictionary<string, string> Parse(ArgumentResult result)
    {
        var macros = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var token in result.Tokens)
        {
            var equals = token.Value.IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? token.Value : token.Value[..equals];
            if (Identifier().IsMatch(name))
                macros[name] = equals < 0 ? "1" : token.Value[(equals + 1)..];
            else
                result.AddError($"-D '{token.Value}': '{name}' is no name of a macro; write -D NAME or -D NAME=VALUE.");
        }

        return macros;
    }

    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z0-9_]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Identifier();
}
