using System.Management.Automation;
using System.Management.Automation.Language;
using CudaWasmNutanix.Session;

namespace CudaWasmNutanix.Completion;

/// <summary>Turns names into what the command line takes.</summary>
internal static class CompletionResults
{
    /// <summary>The names that begin with the word typed so far, sorted, quoted where PowerShell needs it.</summary>
    public static IEnumerable<CompletionResult> Matching(string wordToComplete, IEnumerable<NamedItem> items)
    {
        string word = wordToComplete.Trim('\'', '"');
        WildcardPattern pattern = WildcardPattern.Get($"{WildcardPattern.Escape(word)}*", WildcardOptions.IgnoreCase);
        return items
            .Where(item => pattern.IsMatch(item.Name))
            .DistinctBy(item => item.Name)
            .OrderBy(item => item.Name, StringComparer.OrdinalIgnoreCase)
            .Select(item => new CompletionResult(
                Quote(item.Name), item.Name, CompletionResultType.ParameterValue,
                item.Description.Length > 0 ? item.Description : item.Name));
    }

    private static string Quote(string name) =>
        name.All(c => char.IsLetterOrDigit(c) || c is '-' or '_' or '.' or ':' or '/' or '\\') && name.Length > 0 && name[0] is not '-'
            ? name
            : $"'{CodeGeneration.EscapeSingleQuotedStringContent(name)}'";
}
