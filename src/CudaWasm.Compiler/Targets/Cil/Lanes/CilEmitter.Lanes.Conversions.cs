using System.Reflection.Emit;
using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Targets.Cil;

/// <summary>Values of one type as values of another. Where one of them is wide, a register becomes two, or two become one.</summary>
internal sealed partial class CilEmitter
{
    private void PushConvert(IrConvert e, int part)
    {
        var (from, to) = (e.Operand.Type, e.Type);
        if (to == IrType.Bool)
        {
            PushTruth(e.Operand, part);
            return;
        }

        if (from == IrType.Bool)
        {
            PushLanes(e.Operand, Row(to, part));
            _il.Emit(OpCodes.Ldc_I4_1);
            EmitCreate(typeof(int));
            EmitBinary("BitwiseAnd", typeof(int));
            from = IrType.I32;
        }
        else if (IsWide(from) && !IsWide(to))
        {
            PushNarrowed(e, part);
            return;
        }
        else
        {
            PushLanes(e.Operand, IsWide(from) ? part : Row(to, part));
        }

        if (!IsWide(from) && IsWide(to)) EmitWiden(from, to, part);
        else if (IsWide(from)) EmitConvert64(from, to);
        else EmitConvert32(from, to);
    }

    private void PushTruth(IrExpression operand, int row)
    {
        PushTests(operand.Type, row, part =>
        {
            PushLanes(operand, part);
            EmitZero(operand.Type);
            EmitCreate(VectorIsa.Element(operand.Type));
            EmitBinary("Equals", VectorIsa.Element(operand.Type));
        });
        EmitUnary("OnesComplement", typeof(int));
    }

    /// <summary>From two registers into one.</summary>
    private void PushNarrowed(IrConvert e, int row)
    {
        var (from, to) = (e.Operand.Type, e.Type);
        for (var part = 2 * row; part < (2 * row) + 2; part++)
        {
            PushLanes(e.Operand, part);
            if (from != IrType.F64 || to.IsFloat()) continue;
            // Clamped as doubles, so that the conversion is exact; then cut to 32 bits.
            foreach (var (name, limit) in new[] { ("MaxNumber", to == IrType.U32 ? 0.0 : Lowest(to)), ("MinNumber", to == IrType.U32 ? uint.MaxValue : Highest(to)) })
            {
                _il.Emit(OpCodes.Ldc_R8, limit);
                EmitCreate(typeof(double));
                EmitBinary(name, typeof(double));
            }

            EmitVector("ConvertToInt64", typeof(double), _isa.Vector(typeof(double)));
        }

        EmitBinary("Narrow", from == IrType.F64 && to.IsFloat() ? typeof(double) : typeof(long));
        NormalizeLanes(to);
    }

    private static double Lowest(IrType type) => type switch { IrType.I8 => sbyte.MinValue, IrType.I16 => short.MinValue, IrType.I32 => int.MinValue, _ => 0 };

    private static double Highest(IrType type) => type switch
    {
        IrType.I8 => sbyte.MaxValue,
        IrType.U8 => byte.MaxValue,
        IrType.I16 => short.MaxValue,
        IrType.U16 => ushort.MaxValue,
        _ => int.MaxValue,
    };

    /// <summary>A register is on the stack; leaves one of the two it becomes.</summary>
    private void EmitWiden(IrType from, IrType to, int part)
    {
        var isLower = part % 2 == 0;
        var name = isLower ? "WidenLower" : "WidenUpper";
        if (from.IsFloat())
        {
            EmitUnary(name, typeof(float));
            if (to != IrType.F64) EmitVector("ConvertToInt64", typeof(double), _isa.Vector(typeof(double)));
            return;
        }

        if (to == IrType.F64 && from != IrType.U32)
        {
            CallLanes(typeof(LaneConvert), isLower ? nameof(LaneConvert.LowerToDouble) : nameof(LaneConvert.UpperToDouble), IntVector);
            return;
        }

        if (from is IrType.U32)
        {
            EmitCast(typeof(int), typeof(uint));
            EmitUnary(name, typeof(uint));
            EmitCast(typeof(ulong), typeof(long));
        }
        else
        {
            EmitUnary(name, typeof(int));
        }

        if (to == IrType.F64) EmitVector("ConvertToDouble", typeof(long), _isa.Vector(typeof(long)));
    }

    private void EmitConvert64(IrType from, IrType to)
    {
        if (from == IrType.F64 && to != IrType.F64)
        {
            EmitVector("ConvertToInt64", typeof(double), _isa.Vector(typeof(double)));
        }
        else if (from != IrType.F64 && to == IrType.F64)
        {
            if (from.IsSigned())
            {
                EmitVector("ConvertToDouble", typeof(long), _isa.Vector(typeof(long)));
                return;
            }

            EmitCast(typeof(long), typeof(ulong));
            EmitVector("ConvertToDouble", typeof(ulong), _isa.Vector(typeof(ulong)));
        }
    }

    private void EmitConvert32(IrType from, IrType to)
    {
        if (from.IsFloat() && to.IsFloat())
        {
            return;
        }

        if (from.IsFloat())
        {
            if (to == IrType.U32)
            {
                EmitVector("ConvertToUInt32", typeof(float), _isa.Vector(typeof(float)));
                EmitCast(typeof(uint), typeof(int));
                return;
            }

            EmitVector("ConvertToInt32", typeof(float), _isa.Vector(typeof(float)));
            if (to.Size() == 4) return;
            foreach (var (name, limit) in new[] { ("Max", Lowest(to)), ("Min", Highest(to)) })
            {
                _il.Emit(OpCodes.Ldc_I4, (int)limit);
                EmitCreate(typeof(int));
                EmitBinary(name, typeof(int));
            }
        }
        else if (to.IsFloat())
        {
            if (from == IrType.U32)
            {
                EmitCast(typeof(int), typeof(uint));
                EmitVector("ConvertToSingle", typeof(uint), _isa.Vector(typeof(uint)));
                return;
            }

            EmitVector("ConvertToSingle", typeof(int), IntVector);
        }
        else if (to.Size() < from.Size() || (to.Size() < 4 && to != from))
        {
            NormalizeLanes(to);
        }
    }

    /// <summary>An integer of 32 or 64 bits as 64 bits.</summary>
    private void PushExtended(IrExpression index, int part)
    {
        PushLanes(index, IsWide(index.Type) ? part : part / 2);
        if (!IsWide(index.Type)) EmitWiden(index.Type, IrType.I64, part);
    }

    /// <summary>Brings 32-bit lanes back to the range of a smaller type.</summary>
    private void NormalizeLanes(IrType type)
    {
        switch (type)
        {
            case IrType.U8 or IrType.U16:
                _il.Emit(OpCodes.Ldc_I4, type == IrType.U8 ? 0xFF : 0xFFFF);
                EmitCreate(typeof(int));
                EmitBinary("BitwiseAnd", typeof(int));
                break;
            case IrType.I8 or IrType.I16:
                foreach (var shift in new[] { "ShiftLeft", "ShiftRightArithmetic" })
                {
                    _il.Emit(OpCodes.Ldc_I4, type == IrType.I8 ? 24 : 16);
                    EmitVector(shift, typeof(int), IntVector, typeof(int));
                }

                break;
        }
    }
}
