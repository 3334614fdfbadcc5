using System.Reflection;
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
    private readonly Dictionary<(Type Element, long Stride, int Part), LocalBuilder> _sequences = [];
    private readonly List<LocalBuilder> _borrowed = [];
    private readonly List<LaneScope> _scopes = [];
    private readonly List<Action> _cold = [];
    private readonly Dictionary<IrLabel, (int Leave, int Continue)> _laneTargets = [];
    private bool _inLanes;

    /// <summary>Code that the lanes of a mask run.</summary>
    private sealed class LaneScope(LocalBuilder? mask, Label end)
    {
        /// <summary>-1 for lanes that are here; null where all are.</summary>
        public LocalBuilder? Mask { get; } = mask;

        /// <summary>Where code goes on that finds the mask empty.</summary>
        public Label End { get; } = end;

        /// <summary>Number of scopes left by the exit that goes furthest out; exits take lanes out of every scope above.</summary>
        public int Lowest { get; set; } = int.MaxValue;
    }

    private LocalBuilder? Mask => _scopes[^1].Mask;

    private Type IntVector => _isa.Vector(typeof(int));

    /// <summary>Runs the body for one vector of threads after the other.</summary>
    private void EmitVectorLoop(IrThreadLoop loop)
    {
        _inLanes = true;
        var assigned = _liveness.Assigned(loop.Body);
        var kept = _function.Slots.Where(s => s.Storage == IrSlotStorage.PerThread && assigned.Contains(s)).ToList();
        var stored = _liveness.Empty();
        foreach (var slot in kept) stored.Add(slot);
        var live = _liveness.LiveIn(loop.Body, stored);
        foreach (var local in new[] { ThreadLocal, ThreadX, ThreadY, ThreadZ })
        {
            _il.Emit(OpCodes.Ldc_I4_0);
            _il.Emit(OpCodes.Stloc, local);
        }

        var (top, next) = (_il.DefineLabel(), _il.DefineLabel());
        _il.MarkLabel(top);
        PlacePerThreadVariables();
        foreach (var slot in _function.Slots.Where(live.Contains)) LoadLaneSlot(slot);
        LocalBuilder? mask = null;
        if (_block.HasTail || _lanes!.HasDivergentReturn(loop))
        {
            mask = Acquire(IntVector);
            EmitTail(mask);
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
        _il.Emit(OpCodes.Ldc_I4_0);
        _il.Emit(OpCodes.Stloc, ThreadLocal);
        _inLanes = false;
    }

    /// <summary>The lanes that have a thread.</summary>
    private void EmitTail(LocalBuilder mask)
    {
        if (_block.HasTail)
        {
            EmitSequence(typeof(int), 1, 0);
            _il.Emit(OpCodes.Ldc_I4, _block.Threads);
            _il.Emit(OpCodes.Ldloc, ThreadLocal);
            _il.Emit(OpCodes.Sub);
            EmitCreate(typeof(int));
            EmitBinary("LessThan", typeof(int));
        }
        else
        {
            _il.Emit(OpCodes.Ldc_I4_M1);
            EmitCreate(typeof(int));
        }

        _il.Emit(OpCodes.Stloc, mask);
    }

    private void AdvanceLanes()
    {
        Advance(ThreadLocal);
        if (_block.Threads == _block.X)
        {
            Advance(ThreadX);
            return;
        }

        if (!_block.IsRow)
        {
            LocateThread();
            return;
        }

        var done = _il.DefineLabel();
        Advance(ThreadX);
        WrapAt(ThreadX, _block.X, done);
        Increment(ThreadY);
        WrapAt(ThreadY, _block.Y, done);
        Increment(ThreadZ);
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
        locals = [.. Enumerable.Range(0, VectorIsa.Parts(slot.Type)).Select(_ => _il.DeclareLocal(_isa.Vector(slot.Type)))];
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

        foreach (var local in LaneSlot(slot))
        {
            EmitZero(slot.Type);
            EmitCreate(VectorIsa.Element(slot.Type));
            _il.Emit(OpCodes.Stloc, local);
        }
    }

    private void StoreLaneSlot(IrSlot slot)
    {
        var type = SlotMemory(slot.Type);
        var values = new LocalBuilder[VectorIsa.Parts(type)];
        var read = IrBuilder.Read(slot);
        for (var part = 0; part < values.Length; part++)
        {
            PushLanes(read, part);
            _il.Emit(OpCodes.Stloc, values[part] = Acquire(_isa.Vector(type)));
        }

        EmitSlotElement(slot);
        EmitVectorStore(type, values);
        foreach (var value in values) Release(value);
    }

    /// <summary>Gives a slot its values from the locals for active lanes, or all.</summary>
    private void AssignLanes(IrSlot slot, IReadOnlyList<LocalBuilder> values, bool isBlended)
    {
        var target = LaneSlot(slot);
        for (var part = 0; part < target.Length; part++)
        {
            if (isBlended && Mask is not null) PushMask(Mask, slot.Type, part);
            _il.Emit(OpCodes.Ldloc, values[part]);
            if (isBlended && Mask is not null)
            {
                _il.Emit(OpCodes.Ldloc, target[part]);
                EmitSelect(VectorIsa.Element(slot.Type));
            }

            _il.Emit(OpCodes.Stloc, target[part]);
        }
    }

    /// <summary>The mask as a vector of a type's elements.</summary>
    private void PushMask(LocalBuilder mask, IrType type, int part)
    {
        _il.Emit(OpCodes.Ldloc, mask);
        EmitMaskCast(VectorIsa.Element(type), part);
    }

    /// <summary>Makes the mask on the stack one for elements of a type.</summary>
    private void EmitMaskCast(Type element, int part)
    {
        if (element == typeof(float))
        {
            EmitCast(typeof(int), typeof(float));
        }
        else if (element != typeof(int))
        {
            EmitVector(part == 0 ? "WidenLower" : "WidenUpper", typeof(int), IntVector);
            if (element == typeof(double)) EmitCast(typeof(long), typeof(double));
        }
    }

    /// <summary>Puts a bit for each active lane on the stack, as int32.</summary>
    private void PushMaskBits(LocalBuilder? mask)
    {
        if (mask is null)
        {
            _il.Emit(OpCodes.Ldc_I4, (int)((1L << _block.Lanes) - 1));
            return;
        }

        _il.Emit(OpCodes.Ldloc, mask);
        EmitVector("ExtractMostSignificantBits", typeof(int), IntVector);
        _il.Emit(OpCodes.Conv_I4);
    }

    /// <summary>Values 0, stride, 2 * stride... of the lanes of a part.</summary>
    private void EmitSequence(Type element, long stride, int part)
    {
        if (!_sequences.TryGetValue((element, stride, part), out var local))
        {
            local = _il.DeclareLocal(_isa.Vector(element));
            _sequences.Add((element, stride, part), local);
            var kept = local;
            _prologue.Add(() =>
            {
                var count = _isa.Bits / 8 / (element == typeof(int) ? 4 : 8);
                if (element == typeof(int))
                {
                    _il.Emit(OpCodes.Ldc_I4, unchecked((int)(stride * count * part)));
                    _il.Emit(OpCodes.Ldc_I4, unchecked((int)stride));
                }
                else
                {
                    _il.Emit(OpCodes.Ldc_I8, stride * count * part);
                    _il.Emit(OpCodes.Ldc_I8, stride);
                }

                EmitVector("CreateSequence", element, element, element);
                _il.Emit(OpCodes.Stloc, kept);
            });
        }

        _il.Emit(OpCodes.Ldloc, local);
    }

    private void EmitVector(string name, Type element, params Type[] parameters) => _il.Emit(OpCodes.Call, _isa.Method(name, element, parameters));

    private void EmitUnary(string name, Type element) => EmitVector(name, element, _isa.Vector(element));

    private void EmitBinary(string name, Type element) => EmitVector(name, element, _isa.Vector(element), _isa.Vector(element));

    private void EmitSelect(Type element) => EmitVector("ConditionalSelect", element, _isa.Vector(element), _isa.Vector(element), _isa.Vector(element));

    private void EmitCreate(Type element) => EmitVector("Create", element, element);

    private void EmitCast(Type from, Type to)
    {
        if (from != to) EmitVector("As" + to.Name, from, _isa.Vector(from));
    }

    /// <summary>Reads a register from the address on the stack.</summary>
    private void EmitRegisterLoad(Type element)
    {
        _il.Emit(OpCodes.Unaligned, (byte)1);
        _il.Emit(OpCodes.Ldobj, _isa.Vector(element));
    }

    /// <summary>Writes the register below the address on the stack to it.</summary>
    private void EmitRegisterStore(Type element)
    {
        var (address, value) = (Acquire(typeof(long)), Acquire(_isa.Vector(element)));
        _il.Emit(OpCodes.Conv_I8);
        _il.Emit(OpCodes.Stloc, address);
        _il.Emit(OpCodes.Stloc, value);
        _il.Emit(OpCodes.Ldloc, address);
        _il.Emit(OpCodes.Conv_I);
        _il.Emit(OpCodes.Ldloc, value);
        _il.Emit(OpCodes.Unaligned, (byte)1);
        _il.Emit(OpCodes.Stobj, _isa.Vector(element));
        Release(address);
        Release(value);
    }

    /// <summary>Calls the overload of a lane helper for this vector size.</summary>
    private void CallLanes(Type type, string name, params Type[] parameters) =>
        _il.Emit(OpCodes.Call, type.GetMethod(name, BindingFlags.Static | BindingFlags.Public, parameters)
            ?? throw new InvalidOperationException($"{type.Name}.{name} of {string.Join(", ", parameters.Select(p => p.Name))} is missing."));

    private void EmitColdPaths()
    {
        // A local that is free here may hold what the code expects that jumps to a cold path.
        _free.Clear();
        for (var i = 0; i < _cold.Count; i++) _cold[i]();
        _cold.Clear();
    }
}
