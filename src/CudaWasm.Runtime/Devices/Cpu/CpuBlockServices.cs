using System.Text;
using CudaWasm.Compiler.Targets.Cil;

namespace CudaWasm.Runtime.Cpu;

/// <summary>Serves the blocks of one worker, one after the other.</summary>
internal sealed class CpuBlockServices(CpuLaunch launch, CpuWorkerMemory memory, PrintQueue? prints, Action? gridBarrier, BlockChecker? checker = null) : BlockServices
{
    private readonly StringBuilder _text = new();
    private long _block;

    public override BlockMonitor? Monitor => checker;

    public void Begin(long block) => _block = block;

    public void End()
    {
        if (prints is null) return;
        prints.Complete(_block, _text.ToString());
        _text.Clear();
    }

    public override unsafe void Print(int format, long* arguments)
    {
        if (prints is null) return;
        var printf = launch.Code.Formats[format];
        PrintfFormatter.Append(_text, printf.Format, new ReadOnlySpan<long>(arguments, printf.Arguments.Count), printf.Strings, pointer => launch.TextAt(pointer, memory.Context));
        if (prints.TryWrite(_block, _text.ToString())) _text.Clear();
    }

    public override void GridBarrier() => (gridBarrier ?? throw new InvalidOperationException("The kernel was not launched as one that synchronizes its grid."))();

    public override unsafe long Allocate(long bytes)
    {
        var pointer = launch.Heap!.Allocate(bytes);
        checker?.Allocated(pointer, launch.Heap.Memory, CpuHeap.Bytes);
        return pointer;
    }

    public override bool Free(long pointer) => launch.Heap!.Free(pointer);
}
