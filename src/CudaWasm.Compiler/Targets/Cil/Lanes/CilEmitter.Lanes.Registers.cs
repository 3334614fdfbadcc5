using System.Reflection;
using System.Reflection.Emit;
using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Targets.Cil;

/// <summary>
/// Registers that hold a value of every lane: <see cref="LaneBlock.Registers"/> of them for 32 bits and less, twice as many for 64 bits. The part
/// of a value is the number of its register.
/// </summary>
internal sealed partial class CilEmitter
{
    // Areas of BlockContext.Lanes for accesses lane by lane; spilled slots lie behind them.
    private const int AddressArea = 0;
    private const int ValueArea = LaneMemory.ValueBytes;
    private const int IndexArea = 2 * LaneMemory.ValueBytes;
    private const int SpillArea = 3 * LaneMemory.ValueBytes;

    /// <summary>Of 16 registers.</summary>
    private const int MaxConstants = 6;

    private readonly Dictionary<(Type Element, long Stride, int Part), LocalBuilder> _sequences = [];
    private readonly Dictionary<(IrType Type, long Bits), LocalBuilder> _constants = [];

    private Type IntVector => _isa.Vector(typeof(int));

    /// <summary>Lanes of one register of 32-bit elements.</summary>
    private int RegisterLanes => _isa.Bits / 32;

    private int RegisterBytes => _isa.Bits / 8;

    /// <summary>Registers of a value.</summary>
    private int Parts(IrType type) => IsWide(type) ? 2 * _rows : _rows;

    /// <summary>A value takes two registers where another takes one.</summary>
    private static bool IsWide(IrType type) => type.Size() == 8;

    /// <summary>The register of 32-bit elements whose lanes a part of a value has.</summary>
    private static int Row(IrType type, int part) => IsWide(type) ? part / 2 : part;

    private LocalBuilder[] AcquireVectors(IrType type) => [.. Enumerable.Range(0, Parts(type)).Select(_ => Acquire(_isa.Vector(type)))];

    private LocalBuilder[] DeclareMask() => [.. Enumerable.Range(0, _rows).Select(_ => _il.DeclareLocal(IntVector))];

    private void Release(IEnumerable<LocalBuilder> locals)
    {
        foreach (var local in locals) Release(local);
    }

    private void StoreParts(LocalBuilder[] locals, Action<int> push)
    {
        for (var part = 0; part < locals.Length; part++)
        {
            push(part);
            _il.Emit(OpCodes.Stloc, locals[part]);
        }
    }

    /// <summary>The mask as a vector of a type's elements.</summary>
    private void PushMask(LocalBuilder[] mask, IrType type, int part)
    {
        _il.Emit(OpCodes.Ldloc, mask[Row(type, part)]);
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
            EmitVector(part % 2 == 0 ? "WidenLower" : "WidenUpper", typeof(int), IntVector);
            if (element == typeof(double)) EmitCast(typeof(long), typeof(double));
        }
    }

    /// <summary>Leaves of the mask on the stack the active lanes.</summary>
    private void AndMask(LocalBuilder[]? mask, int row)
    {
        if (mask is null) return;
        _il.Emit(OpCodes.Ldloc, mask[row]);
        EmitBinary("BitwiseAnd", typeof(int));
    }

    /// <summary>A row of the mask of the active lanes, or of all.</summary>
    private void PushActive(LocalBuilder[]? mask, int row)
    {
        if (mask is not null) _il.Emit(OpCodes.Ldloc, mask[row]);
        else EmitAllLanes();
    }

    private void EmitAllLanes()
    {
        _il.Emit(OpCodes.Ldc_I4_M1);
        EmitCreate(typeof(int));
    }

    private void EmitNoLanes()
    {
        _il.Emit(OpCodes.Ldc_I4_0);
        EmitCreate(typeof(int));
    }

    /// <summary>Puts a bit for each active lane on the stack, as int32.</summary>
    private void PushMaskBits(LocalBuilder[]? mask)
    {
        if (mask is null)
        {
            _il.Emit(OpCodes.Ldc_I4, unchecked((int)((1L << _block.Lanes) - 1)));
            return;
        }

        for (var row = 0; row < mask.Length; row++)
        {
            _il.Emit(OpCodes.Ldloc, mask[row]);
            EmitBits();
            if (row == 0) continue;
            _il.Emit(OpCodes.Ldc_I4, row * RegisterLanes);
            _il.Emit(OpCodes.Shl);
            _il.Emit(OpCodes.Or);
        }
    }

    /// <summary>From the mask on the stack a bit for each of its lanes, as int32.</summary>
    private void EmitBits()
    {
        EmitVector("ExtractMostSignificantBits", typeof(int), IntVector);
        _il.Emit(OpCodes.Conv_I4);
    }

    /// <summary>Jumps if no lane is active.</summary>
    private void EmitSkip(LocalBuilder[] mask, Label target)
    {
        PushCombined(mask, "BitwiseOr");
        EmitBits();
        _il.Emit(OpCodes.Brfalse, target);
    }

    /// <summary>Jumps unless all lanes are active.</summary>
    private void EmitUnlessAll(LocalBuilder[] mask, Label target)
    {
        PushCombined(mask, "BitwiseAnd");
        EmitBits();
        _il.Emit(OpCodes.Ldc_I4, (1 << RegisterLanes) - 1);
        _il.Emit(OpCodes.Bne_Un, target);
    }

    private void PushCombined(LocalBuilder[] mask, string operation)
    {
        for (var row = 0; row < mask.Length; row++)
        {
            _il.Emit(OpCodes.Ldloc, mask[row]);
            if (row > 0) EmitBinary(operation, typeof(int));
        }
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
                var count = RegisterBytes / (element == typeof(int) ? 4 : 8);
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

    /// <summary>
    /// A constant in every lane of a register that is free for it all the time; null where too many have asked before. The JIT keeps constants only
    /// where nothing else weighs more.
    /// </summary>
    private LocalBuilder? KeptConstant(IrConstant constant, Type element)
    {
        if (_constants.TryGetValue((constant.Type, constant.Bits), out var local) || _constants.Count == MaxConstants) return local;
        var made = _il.DeclareLocal(_isa.Vector(element));
        _constants.Add((constant.Type, constant.Bits), made);
        _prologue.Add(() =>
        {
            Emit(constant);
            EmitCreate(element);
            _il.Emit(OpCodes.Stloc, made);
        });
        return made;
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

    /// <summary>Calls the overload of a lane helper for this vector size.</summary>
    private void CallLanes(Type type, string name, params Type[] parameters) =>
        _il.Emit(OpCodes.Call, type.GetMethod(name, BindingFlags.Static | BindingFlags.Public, parameters)
            ?? throw new InvalidOperationException($"{type.Name}.{name} of {string.Join(", ", parameters.Select(p => p.Name))} is missing."));

    /// <summary>Reads a register from the address on the stack.</summary>
    private void EmitRegisterLoad(Type element)
    {
        _il.Emit(OpCodes.Unaligned, (byte)1);
        _il.Emit(OpCodes.Ldobj, _isa.Vector(element));
    }

    /// <summary>Writes the register on the stack to the address below it.</summary>
    private void EmitRegisterStore(Type element)
    {
        _il.Emit(OpCodes.Unaligned, (byte)1);
        _il.Emit(OpCodes.Stobj, _isa.Vector(element));
    }

    private void PushArea(int offset)
    {
        _sites.UseLanes(offset + LaneMemory.ValueBytes);
        LoadConstantField(nameof(BlockContext.Lanes));
        _il.Emit(OpCodes.Ldc_I8, (long)offset);
        _il.Emit(OpCodes.Add);
        _il.Emit(OpCodes.Conv_I);
    }

    private void Spill(IReadOnlyList<LocalBuilder> values, int area)
    {
        for (var part = 0; part < values.Count; part++)
        {
            PushArea(area + (part * RegisterBytes));
            _il.Emit(OpCodes.Ldloc, values[part]);
            EmitRegisterStore(values[part].LocalType.GetGenericArguments()[0]);
        }
    }

    private void Unspill(IReadOnlyList<LocalBuilder> values, int area)
    {
        for (var part = 0; part < values.Count; part++)
        {
            PushArea(area + (part * RegisterBytes));
            EmitRegisterLoad(values[part].LocalType.GetGenericArguments()[0]);
            _il.Emit(OpCodes.Stloc, values[part]);
        }
    }

    /// <summary>Reads neighbouring elements from the address on the stack.</summary>
    private void EmitVectorLoad(IrType type, LocalBuilder[] values)
    {
        var pointer = Acquire(typeof(long));
        _il.Emit(OpCodes.Conv_I8);
        _il.Emit(OpCodes.Stloc, pointer);
        StoreParts(values, part =>
        {
            PushPart(pointer, type, part);
            switch (type)
            {
                case IrType.Bool:
                    EmitNarrowLoad(IrType.U8);
                    EmitUnary("Negate", typeof(int));
                    break;
                case IrType.I8 or IrType.U8 or IrType.I16 or IrType.U16:
                    EmitNarrowLoad(type);
                    break;
                case IrType.BF16:
                    EmitNarrowLoad(IrType.U16);
                    _il.Emit(OpCodes.Ldc_I4, 16);
                    EmitVector("ShiftLeft", typeof(int), IntVector, typeof(int));
                    EmitCast(typeof(int), typeof(float));
                    break;
                case IrType.F16:
                    CallLanes(typeof(LaneHalf), "Load" + _isa.Bits, typeof(byte*));
                    break;
                default:
                    EmitRegisterLoad(VectorIsa.Element(type));
                    break;
            }
        });
        Release(pointer);
    }

    /// <summary>The place of a part's first element.</summary>
    private void PushPart(LocalBuilder pointer, IrType type, int part)
    {
        _il.Emit(OpCodes.Ldloc, pointer);
        if (part > 0)
        {
            _il.Emit(OpCodes.Ldc_I8, (long)part * (type.Size() < 4 ? RegisterLanes * type.Size() : RegisterBytes));
            _il.Emit(OpCodes.Add);
        }

        _il.Emit(OpCodes.Conv_I);
    }

    private void EmitNarrowLoad(IrType type)
    {
        // The argument only chooses the overload.
        EmitNoLanes();
        CallLanes(typeof(LaneConvert), "Load" + type, typeof(byte*), IntVector);
    }

    /// <summary>Writes neighbouring elements to the address on the stack.</summary>
    private void EmitVectorStore(IrType type, LocalBuilder[] values)
    {
        var element = VectorIsa.Element(type);
        var pointer = Acquire(typeof(long));
        _il.Emit(OpCodes.Conv_I8);
        _il.Emit(OpCodes.Stloc, pointer);
        for (var part = 0; part < values.Length; part++)
        {
            PushPart(pointer, type, part);
            _il.Emit(OpCodes.Ldloc, values[part]);
            if (type.Size() >= 4)
            {
                EmitRegisterStore(element);
                continue;
            }

            if (type == IrType.Bool) EmitUnary("Negate", typeof(int));
            if (element == typeof(float)) CallLanes(typeof(LaneHalf), type == IrType.F16 ? nameof(LaneHalf.Store) : nameof(LaneHalf.StoreBFloat), typeof(byte*), _isa.Vector(typeof(float)));
            else CallLanes(typeof(LaneConvert), type.Size() == 1 ? nameof(LaneConvert.Store8) : nameof(LaneConvert.Store16), typeof(byte*), IntVector);
        }

        Release(pointer);
    }
}
