using CudaWasm.Compiler.Text;

namespace CudaWasm.Runtime.Cpu;

/// <summary>Finds barriers that not all threads of a block reach, and where the others were instead.</summary>
internal sealed unsafe class BarrierWatch(LaunchChecker launch, int threads)
{
    private readonly bool[] _missing = new bool[threads];
    private Waiting? _waiting;
    private long _block;

    /// <summary>Threads wait at a barrier which others have not reached.</summary>
    private sealed record Waiting(int Site, int Thread, int Other);

    public void Begin(long block) => (_block, _waiting) = (block, null);

    /// <summary>Threads wait at a barrier.</summary>
    /// <param name="here">Who waits; null for all.</param>
    /// <param name="alive">Who has not returned; null for all.</param>
    /// <param name="site">The barrier.</param>
    public void Arrive(byte* here, byte* alive, int site)
    {
        if (here == null && alive == null && _waiting is null) return;
        var (first, missing, returned) = (-1, -1, -1);
        var (meetsMissing, meetsOthers) = (false, false);
        for (var thread = 0; thread < threads; thread++)
        {
            if (here == null || here[thread] != 0)
            {
                if (first < 0) first = thread;
                if (_waiting is not null && _missing[thread]) meetsMissing = true;
                else meetsOthers = true;
            }
            else if (alive == null || alive[thread] != 0)
            {
                if (missing < 0) missing = thread;
            }
            else if (returned < 0)
            {
                returned = thread;
            }
        }

        if (first < 0) return;
        if (_waiting is { } waiting && meetsMissing)
        {
            if (waiting.Site != site) Report(waiting, site);
            _waiting = null;
            // The two groups of a divergent branch: this one waits for the first, which was told.
            if (!meetsOthers) return;
        }

        if (missing >= 0)
        {
            if (_waiting is not null) return;
            _waiting = new Waiting(site, first, missing);
            for (var thread = 0; thread < threads; thread++) _missing[thread] = here[thread] == 0 && (alive == null || alive[thread] != 0);
        }
        else if (returned >= 0)
        {
            Add(DiagnosticSeverity.Note, site, -1, first, returned, $"thread {launch.Thread(first)} of block {launch.Block(_block)} waits at this barrier, which thread {launch.Thread(returned)} does not reach, as it has returned: allowed from Volta on, undefined before");
        }
    }

    public void End()
    {
        if (_waiting is { } waiting) Report(waiting, -1);
        _waiting = null;
    }

    private void Report(Waiting waiting, int otherSite)
    {
        var who = $"barrier in divergent code: thread {launch.Thread(waiting.Thread)} of block {launch.Block(_block)} waits here, but thread {launch.Thread(waiting.Other)}";
        if (otherSite >= 0) Add(DiagnosticSeverity.Error, waiting.Site, otherSite, waiting.Thread, waiting.Other, $"{who} waits at another barrier");
        else Add(DiagnosticSeverity.Warning, waiting.Site, -1, waiting.Thread, waiting.Other, $"{who} runs past it to its end: undefined, although GPUs from Volta on go on once it has ended");
    }

    private void Add(DiagnosticSeverity severity, int site, int otherSite, int thread, int other, string message) =>
        launch.Findings.Add(CheckFindingKind.DivergentBarrier, severity, site, otherSite, () =>
        {
            var otherSpan = otherSite < 0 ? SourceSpan.None : launch.Code.Sites[otherSite].Span;
            return new CheckFinding
            {
                Kind = CheckFindingKind.DivergentBarrier,
                Kernel = launch.Source.Name,
                Diagnostic = new Diagnostic(
                    DiagnosticCodes.DivergentBarrier, severity, launch.Code.Sites[site].Span, message, otherSite < 0 ? null : [DiagnosticBag.Note(otherSpan, "the other barrier is here")]),
                BlockIdx = launch.Block(_block),
                ThreadIdx = launch.Thread(thread),
                OtherBlockIdx = launch.Block(_block),
                OtherThreadIdx = launch.Thread(other),
                OtherSpan = otherSpan,
            };
        });
}
