using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace CudaWasm.Host.Commands;

/// <summary>Options that take a number of a range, written with a point whatever the user's language.</summary>
internal static class NumberOption
{
    public static Option<int> Integer(string name, int value, int least, int most, string description) => new(name)
    {
        Description = description,
        HelpName = "N",
        DefaultValueFactory = _ => value,
        CustomParser = result => int.TryParse(Text(result), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : Refuse<int>(result, string.Create(CultureInfo.InvariantCulture, $"{name} must be a whole number from {least} to {most}, not '{Text(result)}'.")),
    };

    /// <summary>A share from 0 to 1.</summary>
    public static Option<double> Rate(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "RATE",
        DefaultValueFactory = _ => 0,
        CustomParser = result => double.TryParse(Text(result), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var rate) && rate <= 1
            ? rate
            : Refuse<double>(result, $"{name} must be a number from 0 to 1, not '{Text(result)}'."),
    };

    private static string Text(ArgumentResult result) => result.Tokens.Count > 0 ? result.Tokens[0].Value : "";

    private static T Refuse<T>(ArgumentResult result, string message)
        where T : struct
    {
        result.AddError(message);
        return default;
    }
}
