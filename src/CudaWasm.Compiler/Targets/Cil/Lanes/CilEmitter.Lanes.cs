using System.Reflection.Emit;
using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Targets.Cil;

/// <summary>
/// Threads as lanes of vectors. What is uniform or affine over the lanes is computed by the scalar code, for the first lane; the rest has
/// vectors in locals. A scope is code that some lanes run; the mask of the innermost one says which, and is never empty while code runs.
/// </summary>
internal sealed partial class CilEmitter
{
    private readonly LanePlan? _plan;
    private readonly LaneAnalysis? _lanes;
    private readonly LaneBlock _block;
    private readonly VectorIsa _isa = VectorIsa.Of(128);
    private readonly LaneTables? _tables;
    private readonly Dictionary<IrSlot, LocalBuilder[]> _laneSlots = [];
    private readonly Dictionary<IrExpression, LocalBuilder[]> _laneValues = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<IrExpression, LocalBuilder> _laneScalars = new(ReferenceEqualityComparer.Instance);
    private readonly List<LocalBuilder> _borrowed = [];
    private readonly List<LaneScope> _scopes = [];
    private readonly List<Action> _cold = [];
    private readonly Dictionary<IrLabel, (int Leave, int Continue)> _laneTargets = [];
    private bool _inLanes;

    /// <summary>All that is left of the region to do, and where it ends.</summary>
    private (IrIf Last, Label End)? _regionEnd;

    /// <summary>Code that the lanes of a mask run.</summary>
    private sealed class LaneScope(LocalBuilder[]? mask, Label end)
    {
        /// <summary>-1 for lanes that are here, by register; null where all are.</summary>
        public LocalBuilder[]? Mask { get; } = mask;

        /// <summary>Where code goes on that finds the mask empty.</summary>
        public Label End { get; } = end;

        /// <summary>Number of scopes left by the exit that goes furthest out; exits take lanes out of every scope above.</summary>
        public int Lowest { get; set; } = int.MaxValue;
    }

    private LocalBuilder[]? Mask => _scopes[^1].Mask;

    /// <summary>Runs the body for one vector of threads after the other.</summary>
    private void EmitVectorLoop(IrThreadLoop loop)
    {
        _inLanes = true;
        _region = loop;
        var (live, kept) = LoopSlots(loop);
        foreach (var local in new[] { ThreadLocal, ThreadX, ThreadY, ThreadZ })
        {
            _il.Emit(OpCodes.Ldc_I4_0);
            _il.Emit(OpCodes.Stloc, local);
        }

        var (top, next, end) = (_il.DefineLabel(), _il.DefineLabel(), _il.DefineLabel());
        _regionEnd = kept.Count == 0 && _plan!.LastIf(loop) is { } last ? (last, end) : null;
        _il.MarkLabel(top);
        PlacePerThreadVariables();
        foreach (var slot in live) LoadLaneSlot(slot);
        LocalBuilder[]? mask = null;
        if (_block.HasTail || _lanes!.HasDivergentReturn(loop))
        {
            mask = AcquireVectors(IrType.I32);
            StoreParts(mask, PushThreads);
        }

        _scopes.Add(new LaneScope(mask, next));
        _nextThread = next;
        EmitLanes(loop.Body);
        _nextThread = null;
        _scopes.Clear();
        if (mask is not null) Release(mask);
        _il.MarkLabel(next);
        foreach (var slot in kept) StoreLaneSlot(slot);
        AdvanceLanes();
        _il.Emit(OpCodes.Ldloc, ThreadLocal);
        _il.Emit(OpCodes.Ldc_I4, _block.Threads);
        _il.Emit(OpCodes.Blt, top);
        _il.MarkLabel(end);
        _il.Emit(OpCodes.Ldc_I4_0);
        _il.Emit(OpCodes.Stloc, ThreadLocal);
        _regionEnd = null;
        _inLanes = false;
    }

    /// <summary>The lanes that have a thread.</summary>
    private void PushThreads(int row)
    {
        if (!_block.HasTail)
        {
            EmitAllLanes();
            return;
        }

        EmitSequence(typeof(int), 1, row);
        _il.Emit(OpCodes.Ldc_I4, _block.Threads);
        _il.Emit(OpCodes.Ldloc, ThreadLocal);
        _il.Emit(OpCodes.Sub);
        EmitCreate(typeof(int));
        EmitBinary("LessThan", typeof(int));
    }

    private void AdvanceLanes()
    {
        Advance(ThreadLocal);
        if (!_block.IsRow)
        {
            LocateThread();
            return;
        }

        var done = _il.DefineLabel();
        Advance(ThreadX);
        if (_plan!.TakesRows) NextBlock(done);
        if (_block.Threads != _block.X)
        {
            WrapAt(ThreadX, _block.X, done);
            Increment(ThreadY);
            WrapAt(ThreadY, _block.Y, done);
            Increment(ThreadZ);
        }

        _il.MarkLabel(done);

        void Advance(LocalBuilder local)
        {
            _il.Emit(OpCodes.Ldloc, local);
            _il.Emit(OpCodes.Ldc_I4, _block.Lanes);
            _il.Emit(OpCodes.Add);
            _il.Emit(OpCodes.Stloc, local);
        }

        void WrapAt(LocalBuilder local, int limit, Label label)
        {
            _il.Emit(OpCodes.Ldloc, local);
            _il.Emit(OpCodes.Ldc_I4, limit);
            _il.Emit(OpCodes.Blt, label);
            _il.Emit(OpCodes.Ldc_I4_0);
            _il.Emit(OpCodes.Stloc, local);
        }
    }

    /// <summary>At the end of a block's row of threads: on to the same row of the next block, or back to the first block for the next row.</summary>
    private void NextBlock(Label done)
    {
        var (block, end) = (ContextValue(nameof(BlockContext.BlockIdxX)), ContextValue(nameof(BlockContext.RowEnd)));
        var first = _il.DefineLabel();
        _il.Emit(OpCodes.Ldloc, ThreadX);
        _il.Emit(OpCodes.Ldc_I4, _block.X);
        _il.Emit(OpCodes.Blt, done);
        Increment(block);
        _il.Emit(OpCodes.Ldloc, block);
        _il.Emit(OpCodes.Ldloc, end);
        _il.Emit(OpCodes.Bge_Un, first);
        StoreBlock();
        // The threads of the row, in whole vectors.
        _il.Emit(OpCodes.Ldloc, ThreadLocal);
        _il.Emit(OpCodes.Ldloc, ThreadX);
        _il.Emit(OpCodes.Sub);
        _il.Emit(OpCodes.Stloc, ThreadLocal);
        _il.Emit(OpCodes.Ldc_I4_0);
        _il.Emit(OpCodes.Stloc, ThreadX);
        _il.Emit(OpCodes.Br, done);
        _il.MarkLabel(first);
        LoadField(nameof(BlockContext.BlockIdxX));
        _il.Emit(OpCodes.Stloc, block);
        StoreBlock();

        void StoreBlock()
        {
            _il.Emit(OpCodes.Ldarg_0);
            _il.Emit(OpCodes.Ldloc, block);
            _il.Emit(OpCodes.Stfld, typeof(BlockContext).GetField(nameof(BlockContext.RowBlock))!);
        }
    }

    /// <summary>Sets x, y and z to those of the linear thread index.</summary>
    private void LocateThread()
    {
        Part(ThreadX, 1, _block.X);
        Part(ThreadY, _block.X, _block.Y);
        Part(ThreadZ, _block.X * _block.Y, _block.Z);

        void Part(LocalBuilder local, int divisor, int modulus)
        {
            _il.Emit(OpCodes.Ldloc, ThreadLocal);
            _il.Emit(OpCodes.Ldc_I4, divisor);
            _il.Emit(OpCodes.Div_Un);
            _il.Emit(OpCodes.Ldc_I4, modulus);
            _il.Emit(OpCodes.Rem_Un);
            _il.Emit(OpCodes.Stloc, local);
        }
    }

    /// <summary>The locals of a slot whose lanes have values of their own.</summary>
    private LocalBuilder[] LaneSlot(IrSlot slot)
    {
        if (_laneSlots.TryGetValue(slot, out var locals)) return locals;
        locals = [.. Enumerable.Range(0, _block.Registers * (IsWide(slot.Type) ? 2 : 1)).Select(_ => _il.DeclareLocal(_isa.Vector(slot.Type)))];
        _laneSlots.Add(slot, locals);
        return locals;
    }

    /// <summary>At the begin of a vector's run: the slot's values from the per-thread arrays, or zero.</summary>
    private void LoadLaneSlot(IrSlot slot)
    {
        if (slot.Storage == IrSlotStorage.Uniform) return;
        var isKept = slot.Storage == IrSlotStorage.PerThread;
        if (_lanes!.Shape(slot).IsAffine)
        {
            if (isKept)
            {
                EmitSlotElement(slot);
                EmitLoad(SlotMemory(slot.Type), false);
            }
            else
            {
                EmitZero(slot.Type);
            }

            _il.Emit(OpCodes.Stloc, Slot(slot));
            return;
        }

        if (isKept)
        {
            EmitSlotElement(slot);
            EmitVectorLoad(SlotMemory(slot.Type), LaneSlot(slot));
            return;
        }

        StoreParts(LaneSlot(slot), _ =>
        {
            EmitZero(slot.Type);
            EmitCreate(VectorIsa.Element(slot.Type));
        });
    }

    private void StoreLaneSlot(IrSlot slot)
    {
        var type = SlotMemory(slot.Type);
        var values = AcquireVectors(type);
        StoreParts(values, part => PushLanes(IrBuilder.Read(slot), part));
        EmitSlotElement(slot);
        EmitVectorStore(type, values);
        Release(values);
    }

    /// <summary>Gives a slot its values: for active lanes, or for all.</summary>
    /// <param name="slot">One with values of its own for each lane.</param>
    /// <param name="isBlended">Other lanes keep theirs.</param>
    /// <param name="push">Puts a part of the values on the stack.</param>
    private void AssignLanes(IrSlot slot, bool isBlended, Action<int> push)
    {
        var target = LaneSlot(slot)[..Parts(slot.Type)];
        var mask = isBlended ? Mask : null;
        StoreParts(target, part =>
        {
            if (mask is not null) PushMask(mask, slot.Type, part);
            push(part);
            if (mask is null) return;
            _il.Emit(OpCodes.Ldloc, target[part]);
            EmitSelect(VectorIsa.Element(slot.Type));
        });
    }

    private void EmitColdPaths()
    {
        // A local that is free here may hold what the code expects that jumps to a cold path.
        _free.Clear();
        for (var i = 0; i < _cold.Count; i++) _cold[i]();
        _cold.Clear();
    }
}
