using CudaWasm.Compiler.Targets.Cil;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Runtime.Cpu;

/// <summary>
/// Keeps one finding for each kind and place, and counts the rest. Code that stands in several copies (inlined functions, members of a
/// vector) is one place.
/// </summary>
internal sealed class FindingCollector
{
    private readonly int[] _places;
    private readonly int _limit;
    private readonly Dictionary<Key, Entry> _entries = [];

    public FindingCollector(IReadOnlyList<FaultSite> sites, int limit)
    {
        _limit = limit;
        _places = new int[sites.Count];
        var first = new Dictionary<(SourceText?, int, int), int>();
        for (var i = 0; i < sites.Count; i++)
        {
            var span = sites[i].Span;
            first.TryAdd((span.Source, span.Start, span.Length), i);
            _places[i] = first[(span.Source, span.Start, span.Length)];
        }
    }

    private readonly record struct Key(CheckFindingKind Kind, DiagnosticSeverity Severity, int Place, int OtherPlace);

    private sealed class Entry(CheckFinding? finding)
    {
        public CheckFinding? Finding { get; } = finding;

        public long Count { get; set; } = 1;
    }

    /// <param name="kind">What.</param>
    /// <param name="severity">How bad.</param>
    /// <param name="site">Where.</param>
    /// <param name="otherSite">Where the other thread is; -1 for nowhere.</param>
    /// <param name="describe">Makes the finding, the first time.</param>
    public void Add(CheckFindingKind kind, DiagnosticSeverity severity, int site, int otherSite, Func<CheckFinding> describe)
    {
        var (place, other) = (_places[site], otherSite < 0 ? -1 : _places[otherSite]);
        // Which of two that race comes first is chance.
        if (kind == CheckFindingKind.Race && other < place) (place, other) = (other, place);
        var key = new Key(kind, severity, place, other);
        if (_entries.TryGetValue(key, out var entry)) entry.Count++;
        else _entries.Add(key, new Entry(_entries.Count < _limit ? describe() : null));
    }

    /// <summary>What was found, the worst first, and how many findings there was no room for.</summary>
    public (IReadOnlyList<CheckFinding> Findings, long Omitted) Finish()
    {
        // What is an error at one element is not also told as a note about another.
        foreach (var (key, entry) in _entries.OrderBy(e => e.Key.Severity).ToList())
        {
            var worse = _entries.Where(e => e.Key.Severity > key.Severity && e.Key with { Severity = key.Severity } == key).Select(e => e.Value).FirstOrDefault();
            if (worse is null) continue;
            worse.Count += entry.Count;
            _entries.Remove(key);
        }

        // Nor is a read that came before the write it races with.
        var raced = _entries.Keys.Where(k => k is { Kind: CheckFindingKind.Race, Severity: DiagnosticSeverity.Error }).SelectMany(k => new[] { k.Place, k.OtherPlace }).ToHashSet();
        foreach (var key in _entries.Keys.Where(k => k.Kind == CheckFindingKind.UninitializedRead && raced.Contains(k.Place)).ToList()) _entries.Remove(key);

        var findings = _entries.Values.Where(e => e.Finding is not null)
            .Select(e => e.Finding! with { Count = e.Count })
            .OrderByDescending(f => f.Severity)
            .ThenBy(f => f.Diagnostic.Span.Path, StringComparer.Ordinal)
            .ThenBy(f => f.Diagnostic.Span.Start)
            .ThenBy(f => f.OtherSpan.Start);
        return ([.. findings], _entries.Values.Count(e => e.Finding is null));
    }
}
