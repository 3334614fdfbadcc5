using System.Reflection.Emit;
using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Targets.Cil;

/// <summary>Shifts, divisions, and functions of the library.</summary>
internal sealed partial class CilEmitter
{
    /// <summary>The left operand is on the stack.</summary>
    private void PushShift(IrBinary e, int part)
    {
        var element = VectorIsa.Element(e.Type);
        var isLeft = e.Op == IrBinaryOp.ShiftLeft;
        if (_lanes!.Shape(e.Right).IsUniform)
        {
            EmitCommonShift(e, element);
        }
        else
        {
            PushLanes(e.Right, part);
            EmitCast(typeof(int), typeof(uint));
            var method = LaneOperations.VariableShift(isLeft ? "ShiftLeftLogicalVariable" : e.Type.IsSigned() ? "ShiftRightArithmeticVariable" : "ShiftRightLogicalVariable", _isa)!;
            _il.Emit(OpCodes.Call, method);
        }

        if (isLeft) NormalizeLanes(e.Type);
    }

    /// <summary>All lanes by one count, on whose range see <see cref="EmitShift"/>.</summary>
    private void EmitCommonShift(IrBinary e, Type element)
    {
        var width = e.Type.Size() * 8;
        var keepsSign = e.Op == IrBinaryOp.ShiftRight && e.Type.IsSigned();
        var count = IsBelow(e.Right, width) ? null : Acquire(typeof(int));
        PushScalar(e.Right);
        if (count is not null)
        {
            _il.Emit(OpCodes.Stloc, count);
            PushCount(count, width, keepsSign);
        }

        EmitVector(e.Op == IrBinaryOp.ShiftLeft ? "ShiftLeft" : keepsSign ? "ShiftRightArithmetic" : "ShiftRightLogical", element, _isa.Vector(element), typeof(int));
        if (count is null) return;
        if (!keepsSign)
        {
            PushBelow(count, width);
            if (width == 64) _il.Emit(OpCodes.Conv_I8);
            EmitCreate(element);
            EmitBinary("BitwiseAnd", element);
        }

        Release(count);
    }

    private void EmitScale(long scale)
    {
        if (scale == 1) return;
        if (System.Numerics.BitOperations.IsPow2(scale))
        {
            _il.Emit(OpCodes.Ldc_I4, System.Numerics.BitOperations.Log2((ulong)scale));
            EmitVector("ShiftLeft", typeof(long), _isa.Vector(typeof(long)), typeof(int));
            return;
        }

        _il.Emit(OpCodes.Ldc_I8, scale);
        EmitCreate(typeof(long));
        EmitBinary("Multiply", typeof(long));
    }

    private LocalBuilder[] EmitLaneDivision(IrBinary e)
    {
        var values = AcquireVectors(e.Type);
        var (left, right) = (Materialize(e.Left), Materialize(e.Right));
        if (e.Right is not IrConstant { Bits: not 0 }) EmitZeroCheck(e, right);
        StoreParts(values, part =>
        {
            var quotient = values[part];
            _il.Emit(OpCodes.Ldloc, left[part]);
            _il.Emit(OpCodes.Ldloc, right[part]);
            CallLanes(typeof(LaneConvert), e.Type == IrType.U32 ? nameof(LaneConvert.DivideUnsigned) : nameof(LaneConvert.DivideSigned), IntVector, IntVector);
            if (e.Op == IrBinaryOp.Remainder)
            {
                _il.Emit(OpCodes.Stloc, quotient);
                _il.Emit(OpCodes.Ldloc, left[part]);
                _il.Emit(OpCodes.Ldloc, quotient);
                _il.Emit(OpCodes.Ldloc, right[part]);
                EmitBinary("Multiply", typeof(int));
                EmitBinary("Subtract", typeof(int));
            }

            NormalizeLanes(e.Type);
        });
        return values;
    }

    private void EmitZeroCheck(IrBinary e, LocalBuilder[] divisor)
    {
        var zeros = AcquireVectors(IrType.I32);
        var go = _il.DefineLabel();
        StoreParts(zeros, row =>
        {
            _il.Emit(OpCodes.Ldloc, divisor[row]);
            EmitNoLanes();
            EmitBinary("Equals", typeof(int));
            AndMask(Mask, row);
        });
        EmitSkip(zeros, go);
        _il.Emit(OpCodes.Ldc_I4, _sites.Add(new FaultSite(e.Span, Text.DiagnosticCodes.DivisionByZero)));
        _il.Emit(OpCodes.Ldloc, ThreadLocal);
        PushMaskBits(zeros);
        Call(typeof(System.Numerics.BitOperations), nameof(System.Numerics.BitOperations.TrailingZeroCount), typeof(int));
        _il.Emit(OpCodes.Add);
        Call(typeof(CilChecks), nameof(CilChecks.Fault));
        _il.MarkLabel(go);
        Release(zeros);
    }

    private void PushIntrinsic(IrIntrinsicCall call, int part)
    {
        var element = VectorIsa.Element(call.Arguments[0].Type);
        void Arguments()
        {
            foreach (var argument in call.Arguments) PushLanes(argument, part);
        }

        switch (call.Intrinsic)
        {
            case IrIntrinsic.Rsqrt:
                Constant(1);
                Arguments();
                EmitUnary("Sqrt", element);
                EmitBinary("Divide", element);
                break;
            case IrIntrinsic.Saturate:
                Arguments();
                Constant(0);
                EmitBinary("MaxNumber", element);
                Constant(1);
                EmitBinary("MinNumber", element);
                break;
            case IrIntrinsic.IsNan:
                Arguments();
                Arguments();
                EmitBinary("Equals", element);
                EmitCast(element, typeof(int));
                EmitUnary("OnesComplement", typeof(int));
                break;
            case IrIntrinsic.IsInf or IrIntrinsic.IsFinite:
                Arguments();
                EmitUnary("Abs", element);
                Constant(double.PositiveInfinity);
                EmitBinary(call.Intrinsic == IrIntrinsic.IsInf ? "Equals" : "LessThan", element);
                EmitCast(element, typeof(int));
                break;
            case IrIntrinsic.Fma:
                Arguments();
                EmitVector("FusedMultiplyAdd", element, _isa.Vector(element), _isa.Vector(element), _isa.Vector(element));
                break;
            default:
                var name = LaneOperations.Method(call)!;
                if (call.Type is IrType.U32 or IrType.U64 && call.Arguments.Count == 2)
                {
                    var unsigned = element == typeof(int) ? typeof(uint) : typeof(ulong);
                    foreach (var argument in call.Arguments)
                    {
                        PushLanes(argument, part);
                        EmitCast(element, unsigned);
                    }

                    EmitBinary(name, unsigned);
                    EmitCast(unsigned, element);
                    break;
                }

                Arguments();
                EmitVector(name, element, [.. call.Arguments.Select(_ => _isa.Vector(element))]);
                break;
        }

        void Constant(double value)
        {
            if (element == typeof(float)) _il.Emit(OpCodes.Ldc_R4, (float)value);
            else _il.Emit(OpCodes.Ldc_R8, value);
            EmitCreate(element);
        }
    }
}
