using System.Globalization;
using System.Text.RegularExpressions;

namespace Nutanix.Prism.Workers;

/// <summary>
/// The first line of the description of a machine that is a worker: it is there whoever looks, needs no further entity in Prism,
/// and tells the port.
/// </summary>
internal static partial class WorkerMark
{
    public static string Write(int port, string? description)
    {
        string mark = string.Create(CultureInfo.InvariantCulture, $"cuda-wasm worker on port {port}");
        return string.IsNullOrWhiteSpace(description) ? mark : $"{mark}\n{description}";
    }

    /// <summary>The worker's port; null for a machine that is none.</summary>
    public static int? Read(string? description) =>
        Pattern().Match(description ?? "") is { Success: true } match && int.TryParse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture, out int port) && port is >= 1 and <= 65535
            ? port
            : null;

    [GeneratedRegex(@"\Acuda-wasm worker on port ([0-9]{1,5})(?:\r?\n|\z)")]
    private static partial Regex Pattern();
}
