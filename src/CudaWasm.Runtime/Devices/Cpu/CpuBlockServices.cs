using System.Runtime.CompilerServices;
using System.Text;
using CudaWasm.Compiler.Targets.Cil;

namespace CudaWasm.Runtime.Cpu;

/// <summary>Serves the blocks that run in one worker's memory, one after the other.</summary>
internal sealed class CpuBlockServices(CpuWorkerMemory memory) : BlockServices
{
    /// <summary>Longest text that <c>%s</c> prints.</summary>
    private const int LongestText = 4096;

    private readonly StringBuilder _text = new();
    private CpuLaunch? _launch;
    private PrintQueue? _prints;
    private Action? _gridBarrier;
    private BlockChecker? _checker;
    private long _block;

    public override BlockMonitor? Monitor => _checker;

    /// <summary>The blocks that follow are of this launch.</summary>
    public void Attach(CpuLaunch launch, PrintQueue? prints, Action? gridBarrier, BlockChecker? checker) =>
        (_launch, _prints, _gridBarrier, _checker) = (launch, prints, gridBarrier, checker);

    public void Detach() => (_launch, _prints, _gridBarrier, _checker) = (null, null, null, null);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Begin(long block) => _block = block;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void End()
    {
        if (_prints is not null) EndPrints(_prints);
    }

    public override unsafe void Print(int format, long* arguments)
    {
        if (_prints is null) return;
        var printf = _launch!.Code.Formats[format];
        PrintfFormatter.Append(_text, printf.Format, new ReadOnlySpan<long>(arguments, printf.Arguments.Count), printf.Strings, TextAt);
        if (_prints.TryWrite(_block, _text.ToString())) _text.Clear();
    }

    public override void GridBarrier() => (_gridBarrier ?? throw new InvalidOperationException("The kernel was not launched as one that synchronizes its grid."))();

    public override unsafe long Allocate(long bytes)
    {
        var heap = _launch!.Heap!;
        var pointer = heap.Allocate(bytes);
        _checker?.Allocated(pointer, heap.Memory, CpuHeap.Bytes);
        return pointer;
    }

    public override bool Free(long pointer) => _launch!.Heap!.Free(pointer);

    private void EndPrints(PrintQueue prints)
    {
        prints.Complete(_block, _text.ToString());
        _text.Clear();
    }

    /// <summary>The text a pointer to char points to, up to its zero or its object's end.</summary>
    private unsafe string TextAt(long pointer)
    {
        var text = (byte*)pointer;
        long room = LongestText;
        if (_launch!.Code.Options.Checked)
        {
            var target = memory.Context->Objects[CilPointer.Id(pointer)];
            var offset = CilPointer.Offset(pointer);
            text = target.Base + offset;
            room = offset < 0 ? 0 : target.Length - offset;
        }

        if (text == null || room <= 0) return "(null)";
        var bytes = new ReadOnlySpan<byte>(text, (int)Math.Min(room, LongestText));
        var end = bytes.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]);
    }
}
