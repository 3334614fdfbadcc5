using System.Runtime.InteropServices;
using CudaWasm.Compiler.Targets.Cil;

namespace CudaWasm.Runtime.Cpu;

/// <summary>
/// The heap that a launch's blocks share for malloc and new. Each allocation is an object of its own, so that accesses past its end and
/// after its release are faults. What is left when the launch ends is released with the heap; on a GPU it would live on.
/// </summary>
internal sealed unsafe class CpuHeap(CilKernel kernel, int firstObject) : IDisposable
{
    /// <summary>As cudaLimitMallocHeapSize has it unless changed.</summary>
    public const long Bytes = 8 << 20;

    private const int Alignment = 16;

    private readonly Lock _lock = new();
    private readonly List<CpuWorkerMemory> _workers = [];

    /// <summary>Free pieces by their offset; no two of them touch.</summary>
    private readonly SortedList<long, long> _free = new() { [0] = Bytes };

    private readonly Dictionary<long, (long Offset, long Length, long Size)> _allocated = [];

    /// <summary>Released entries, the oldest first: a stale pointer shall not meet another object soon.</summary>
    private readonly Queue<int> _freeObjects = [];

    private byte* _memory;
    private int _nextObject = firstObject;

    /// <summary>Where the heap begins; null until something is allocated.</summary>
    public byte* Memory => _memory;

    /// <summary>Makes the heap's objects known to one more worker.</summary>
    public void Join(CpuWorkerMemory worker)
    {
        lock (_lock)
        {
            _workers.Add(worker);
            if (!kernel.Options.Checked) return;
            foreach (var (pointer, piece) in _allocated) worker.SetObject(CilPointer.Id(pointer), new MemoryObject { Base = _memory + piece.Offset, Length = piece.Size });
        }
    }

    public void Leave(CpuWorkerMemory worker)
    {
        lock (_lock) _workers.Remove(worker);
    }

    /// <summary>A pointer as code uses it; 0 where there is no room.</summary>
    public long Allocate(long bytes)
    {
        if (bytes is <= 0 or > Bytes) return 0;
        var length = (bytes + Alignment - 1) / Alignment * Alignment;
        lock (_lock)
        {
            var index = 0;
            while (index < _free.Count && _free.Values[index] < length) index++;
            if (index == _free.Count) return 0;
            if (_memory == null) _memory = (byte*)NativeMemory.AlignedAlloc((nuint)Bytes, 64);
            var (offset, room) = (_free.Keys[index], _free.Values[index]);
            if (NewPointer(offset) is not { } pointer) return 0;
            _free.RemoveAt(index);
            if (room > length) _free.Add(offset + length, room - length);
            NativeMemory.Clear(_memory + offset, (nuint)length);
            _allocated.Add(pointer, (offset, length, bytes));
            if (kernel.Options.Checked) Publish(pointer, new MemoryObject { Base = _memory + offset, Length = bytes });
            return pointer;
        }
    }

    /// <summary>False where the pointer is none of an allocation in use.</summary>
    public bool Free(long pointer)
    {
        if (pointer == 0) return true;
        lock (_lock)
        {
            if (!_allocated.Remove(pointer, out var piece)) return false;
            if (kernel.Options.Checked)
            {
                Publish(pointer, default);
                _freeObjects.Enqueue(CilPointer.Id(pointer));
            }

            Release(piece.Offset, piece.Length);
            return true;
        }
    }

    public void Dispose() => NativeMemory.AlignedFree(_memory);

    private long? NewPointer(long offset)
    {
        if (!kernel.Options.Checked) return (long)(_memory + offset);
        if (_nextObject < CilPointer.ObjectLimit) return CilPointer.Tag(_nextObject++);
        return _freeObjects.TryDequeue(out var id) ? CilPointer.Tag(id) : null;
    }

    private void Publish(long pointer, MemoryObject value)
    {
        foreach (var worker in _workers) worker.SetObject(CilPointer.Id(pointer), value);
    }

    private void Release(long offset, long length)
    {
        if (_free.Remove(offset + length, out var after)) length += after;
        for (var i = 0; i < _free.Count && _free.Keys[i] < offset; i++)
        {
            if (_free.Keys[i] + _free.Values[i] != offset) continue;
            _free[_free.Keys[i]] = _free.Values[i] + length;
            return;
        }

        _free.Add(offset, length);
    }
}
