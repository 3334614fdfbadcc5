namespace CudaWasm.Host.Commands;

/// <summary>Compilers take <c>-DNAME=1</c> and <c>-Ifolder</c> in one word; here they become two, as <c>-D NAME=1</c>.</summary>
internal static class CompilerArguments
{
    public static IReadOnlyList<string> Split(IEnumerable<string> arguments) => [.. arguments.SelectMany(Split)];

    private static string[] Split(string argument) =>
        argument.Length > 2 && (argument.StartsWith("-D", StringComparison.Ordinal) || argument.StartsWith("-I", StringComparison.Ordinal))
            ? [argument[..2], argument[2..]]
            : [argument];
}
