using System.Globalization;
using System.Numerics;
using CudaWasm.Compiler.Targets.Cil;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Runtime.Cpu;

/// <summary>
/// Lets the lanes that meet in warp operations be in order afterwards, and finds masks that name lanes which do not come. Lanes may meet
/// from different places in the source, so a lane is missing only if it has not come by the next barrier.
/// </summary>
internal sealed unsafe class WarpWatch(LaunchChecker launch, BlockOrder order, int threads)
{
    private const int WarpSize = 32;

    private readonly List<Claim> _claims = [];
    private long _block;

    /// <summary>Lanes that wait for others.</summary>
    private sealed record Claim(int First, uint Mask, uint Group, int Site)
    {
        public uint Missing { get; set; }
    }

    public void Begin(long block)
    {
        _block = block;
        _claims.Clear();
    }

    public void Exchange(WarpOperands* operands, byte* alive, int site)
    {
        var namesLanes = launch.Code.Sites[site].NamesLanes;
        var now = launch.Clock.Tick();
        for (var first = 0; first < threads; first += WarpSize)
        {
            var warp = threads - first >= WarpSize ? uint.MaxValue : (1u << (threads - first)) - 1;
            var rest = Bits(operands->Active, first, warp);
            if (!namesLanes && rest != 0) order.Meet(first, rest, warp, now);
            while (namesLanes && rest != 0)
            {
                var mask = Mask(operands, first + BitOperations.TrailingZeroCount(rest));
                uint group = 0;
                for (var lanes = rest; lanes != 0; lanes &= lanes - 1)
                {
                    var lane = BitOperations.TrailingZeroCount(lanes);
                    if (Mask(operands, first + lane) == mask) group |= 1u << lane;
                }

                rest &= ~group;
                if ((group & ~mask) != 0) Foreign(first, group & ~mask, mask, site);
                Expect(new Claim(first, mask, group, site) { Missing = mask & Bits(alive, first, warp) & ~group });
                order.Meet(first, group, warp, now);
            }
        }
    }

    /// <summary>Who has not come by now is missing.</summary>
    public void Settle()
    {
        foreach (var claim in _claims)
        {
            var (lane, other) = (BitOperations.TrailingZeroCount(claim.Group), BitOperations.TrailingZeroCount(claim.Missing));
            Add(claim.Site, DiagnosticSeverity.Warning, claim.First + lane, claim.First + other, string.Create(
                CultureInfo.InvariantCulture, $"lane {lane} of warp {claim.First / WarpSize} names lane {other} in its mask 0x{claim.Mask:x8}, but that lane does not come (lanes 0x{claim.Missing:x8} do not)"));
        }

        _claims.Clear();
    }

    private void Expect(Claim claim)
    {
        foreach (var earlier in _claims)
        {
            if (earlier.First != claim.First || earlier.Mask != claim.Mask || (earlier.Missing & claim.Group) == 0 || (earlier.Group & claim.Group) != 0) continue;
            earlier.Missing &= ~claim.Group;
            claim.Missing &= ~earlier.Group;
        }

        _claims.RemoveAll(c => c.Missing == 0);
        if (claim.Missing != 0 && !_claims.Any(c => c.First == claim.First && c.Mask == claim.Mask && c.Site == claim.Site)) _claims.Add(claim);
    }

    private void Foreign(int first, uint lanes, uint mask, int site)
    {
        var lane = BitOperations.TrailingZeroCount(lanes);
        Add(site, DiagnosticSeverity.Error, first + lane, null, string.Create(
            CultureInfo.InvariantCulture, $"lane {lane} of warp {first / WarpSize} takes part with a mask that does not name it (0x{mask:x8})"));
    }

    private void Add(int site, DiagnosticSeverity severity, int thread, int? other, string what)
    {
        launch.Findings.Add(CheckFindingKind.DivergentWarp, severity, site, -1, () => new CheckFinding
        {
            Kind = CheckFindingKind.DivergentWarp,
            Kernel = launch.Source.Name,
            Diagnostic = new Diagnostic(
                DiagnosticCodes.DivergentWarp, severity, launch.Code.Sites[site].Span, $"{what}; thread {launch.Thread(thread)} of block {launch.Block(_block)}: the result is undefined"),
            BlockIdx = launch.Block(_block),
            ThreadIdx = launch.Thread(thread),
            OtherBlockIdx = other is null ? null : launch.Block(_block),
            OtherThreadIdx = other is { } missing ? launch.Thread(missing) : null,
        });
    }

    private static uint Mask(WarpOperands* operands, int thread) => *(uint*)(operands->Argument0 + ((long)operands->Stride0 * thread));

    /// <summary>One bit for each lane of a warp whose byte is set; all where there are no bytes.</summary>
    private static uint Bits(byte* flags, int first, uint warp)
    {
        if (flags == null) return warp;
        uint bits = 0;
        for (var lane = 0; lane < WarpSize && (warp >> lane & 1) != 0; lane++)
        {
            if (flags[first + lane] != 0) bits |= 1u << lane;
        }

        return bits;
    }
}
