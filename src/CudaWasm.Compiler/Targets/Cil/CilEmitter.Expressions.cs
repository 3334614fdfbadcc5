using System.Reflection.Emit;
using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Targets.Cil;

internal sealed partial class CilEmitter
{
    private readonly Dictionary<IrParameter, LocalBuilder> _parameters = [];

    private void Emit(IrExpression expression)
    {
        switch (expression)
        {
            case IrConstant e:
                EmitConstant(e);
                break;
            case IrParameterRead e:
                EmitParameter(e.Parameter);
                break;
            case IrSlotRead e:
                _il.Emit(OpCodes.Ldloc, Slot(e.Slot));
                break;
            case IrBuiltinRead e:
                EmitBuiltin(e.Builtin);
                break;
            case IrUnary e:
                EmitUnary(e);
                break;
            case IrBinary e:
                EmitBinary(e);
                break;
            case IrConditional e:
                EmitConditional(e);
                break;
            case IrConvert e:
                Emit(e.Operand);
                EmitConvert(e.Operand.Type, e.Type);
                break;
            case IrBitcast e:
                Emit(e.Operand);
                EmitBitcast(e.Operand.Type, e.Type);
                break;
            case IrAddress e:
                Emit(e.Base);
                if (e.Index is not null)
                {
                    EmitIndex(e.Index, e.Scale);
                    _il.Emit(OpCodes.Add);
                }

                if (e.Offset == 0) break;
                _il.Emit(OpCodes.Ldc_I8, e.Offset);
                _il.Emit(OpCodes.Add);
                break;
            case IrVariableAddress e:
                EmitTag(VariableRoot(e.Variable));
                break;
            case IrLoad e when _instrumented:
                EmitMonitoredLoad(e);
                break;
            case IrTrackedRead e:
                EmitTrackedRead(e);
                break;
            case IrLoad e:
                EmitAddress(e.Address, e.Type.Size(), e.Type, e.Span, false);
                EmitLoad(e.Type, e.IsVolatile);
                break;
            case IrIntrinsicCall e:
                EmitIntrinsic(e);
                break;
            default:
                throw new InvalidOperationException($"The CPU target was given a {expression.GetType().Name}, which a pass should have replaced.");
        }
    }

    private void EmitConstant(IrConstant constant)
    {
        var stack = StackType(constant.Type);
        if (stack == typeof(long)) _il.Emit(OpCodes.Ldc_I8, constant.Bits);
        else if (stack == typeof(float)) _il.Emit(OpCodes.Ldc_R4, (float)constant.AsDouble);
        else if (stack == typeof(double)) _il.Emit(OpCodes.Ldc_R8, constant.AsDouble);
        else _il.Emit(OpCodes.Ldc_I4, unchecked((int)constant.Bits));
    }

    private void EmitParameter(IrParameter parameter)
    {
        if (!_function.IsKernel)
        {
            _il.Emit(OpCodes.Ldarg, (short)(parameter.Index + 2));
            return;
        }

        if (!_parameters.TryGetValue(parameter, out var local))
        {
            _parameters.Add(parameter, local = _il.DeclareLocal(StackType(parameter.Type)));
            var kept = local;
            _prologue.Add(() =>
            {
                EmitArgument(parameter);
                _il.Emit(OpCodes.Stloc, kept);
            });
        }

        _il.Emit(OpCodes.Ldloc, local);
    }

    /// <summary>Reads a kernel's argument from memory.</summary>
    private void EmitArgument(IrParameter parameter)
    {
        LoadField(nameof(BlockContext.Arguments));
        _il.Emit(OpCodes.Ldc_I4, _layout.ParameterOffsets[parameter.Index]);
        _il.Emit(OpCodes.Add);
        EmitLoad(parameter.Type, false);
        if (parameter.Type != IrType.Bool) return;
        // Whatever byte the caller gave.
        _il.Emit(OpCodes.Ldc_I4_0);
        _il.Emit(OpCodes.Cgt_Un);
    }

    private void EmitBuiltin(IrBuiltin builtin)
    {
        if (_function.IsKernel)
        {
            var local = builtin switch
            {
                IrBuiltin.LinearThread => ThreadLocal,
                IrBuiltin.ThreadIdxX => ThreadX,
                IrBuiltin.ThreadIdxY => ThreadY,
                IrBuiltin.ThreadIdxZ => ThreadZ,
                _ => null,
            };
            if (local is null) LoadConstantField(builtin.ToString());
            else _il.Emit(OpCodes.Ldloc, local);
            return;
        }

        LoadField(builtin == IrBuiltin.LinearThread ? nameof(BlockContext.Thread) : builtin.ToString());
    }

    private void EmitUnary(IrUnary e)
    {
        Emit(e.Operand);
        switch (e.Op)
        {
            case IrUnaryOp.Negate:
                _il.Emit(OpCodes.Neg);
                Normalize(e.Type);
                break;
            case IrUnaryOp.BitNot:
                _il.Emit(OpCodes.Not);
                Normalize(e.Type);
                break;
            default:
                _il.Emit(OpCodes.Ldc_I4_0);
                _il.Emit(OpCodes.Ceq);
                break;
        }
    }

    private void EmitBinary(IrBinary e)
    {
        if (e.Op >= IrBinaryOp.Equal)
        {
            EmitComparison(e);
            return;
        }

        Emit(e.Left);
        Emit(e.Right);
        var type = e.Type;
        switch (e.Op)
        {
            case IrBinaryOp.Divide or IrBinaryOp.Remainder when !type.IsFloat():
                EmitIntegerDivision(e);
                break;
            case IrBinaryOp.Remainder:
                _il.Emit(OpCodes.Rem);
                break;
            case IrBinaryOp.ShiftLeft or IrBinaryOp.ShiftRight:
                EmitShift(e);
                break;
            default:
                _il.Emit(e.Op switch
                {
                    IrBinaryOp.Add => OpCodes.Add,
                    IrBinaryOp.Subtract => OpCodes.Sub,
                    IrBinaryOp.Multiply => OpCodes.Mul,
                    IrBinaryOp.Divide => OpCodes.Div,
                    IrBinaryOp.And => OpCodes.And,
                    IrBinaryOp.Or => OpCodes.Or,
                    _ => OpCodes.Xor,
                });
                break;
        }

        Normalize(type);
    }

    /// <summary>Both operands are on the stack. Zero faults; the smallest integer by -1 gives itself, where the processor would trap.</summary>
    private void EmitIntegerDivision(IrBinary e)
    {
        var signed = e.Type.IsSigned();
        var isDivision = e.Op == IrBinaryOp.Divide;
        var opcode = isDivision ? (signed ? OpCodes.Div : OpCodes.Div_Un) : (signed ? OpCodes.Rem : OpCodes.Rem_Un);
        if (e.Right is IrConstant { Bits: not 0 and not -1 })
        {
            _il.Emit(opcode);
            return;
        }

        var divisor = Acquire(StackType(e.Type));
        var (nonzero, end) = (_il.DefineLabel(), _il.DefineLabel());
        _il.Emit(OpCodes.Stloc, divisor);
        _il.Emit(OpCodes.Ldloc, divisor);
        _il.Emit(OpCodes.Brtrue, nonzero);
        EmitFault(new FaultSite(e.Span, DiagnosticCodes.DivisionByZero));
        _il.MarkLabel(nonzero);
        if (signed)
        {
            var ordinary = _il.DefineLabel();
            _il.Emit(OpCodes.Ldloc, divisor);
            if (e.Type.Size() == 8) _il.Emit(OpCodes.Ldc_I8, -1L);
            else _il.Emit(OpCodes.Ldc_I4_M1);
            _il.Emit(OpCodes.Bne_Un, ordinary);
            if (isDivision)
            {
                _il.Emit(OpCodes.Neg);
            }
            else
            {
                _il.Emit(OpCodes.Pop);
                EmitZero(e.Type);
            }

            _il.Emit(OpCodes.Br, end);
            _il.MarkLabel(ordinary);
        }

        _il.Emit(OpCodes.Ldloc, divisor);
        _il.Emit(opcode);
        _il.MarkLabel(end);
        Release(divisor);
    }

    private void EmitComparison(IrBinary e)
    {
        Emit(e.Left);
        Emit(e.Right);
        var isFloat = e.Left.Type.IsFloat();
        var unsigned = !isFloat && !e.Left.Type.IsSigned();
        switch (e.Op)
        {
            case IrBinaryOp.Equal or IrBinaryOp.NotEqual:
                _il.Emit(OpCodes.Ceq);
                break;
            case IrBinaryOp.Less:
                _il.Emit(unsigned ? OpCodes.Clt_Un : OpCodes.Clt);
                break;
            case IrBinaryOp.Greater:
                _il.Emit(unsigned ? OpCodes.Cgt_Un : OpCodes.Cgt);
                break;
            case IrBinaryOp.LessOrEqual:
                // Not greater; for floats "greater or not comparable", so that NaN gives false.
                _il.Emit(isFloat || unsigned ? OpCodes.Cgt_Un : OpCodes.Cgt);
                break;
            default:
                _il.Emit(isFloat || unsigned ? OpCodes.Clt_Un : OpCodes.Clt);
                break;
        }

        if (e.Op is not (IrBinaryOp.NotEqual or IrBinaryOp.LessOrEqual or IrBinaryOp.GreaterOrEqual)) return;
        _il.Emit(OpCodes.Ldc_I4_0);
        _il.Emit(OpCodes.Ceq);
    }

    private void EmitConditional(IrConditional e)
    {
        var (otherwise, end) = (_il.DefineLabel(), _il.DefineLabel());
        EmitBranch(e.Condition, otherwise, false);
        Emit(e.WhenTrue);
        _il.Emit(OpCodes.Br, end);
        _il.MarkLabel(otherwise);
        Emit(e.WhenFalse);
        _il.MarkLabel(end);
    }

    /// <summary>Jumps where the condition has the wanted value, else runs on.</summary>
    private void EmitBranch(IrExpression condition, Label target, bool wanted)
    {
        switch (condition)
        {
            case IrConstant e:
                if (e.Bits != 0 == wanted) _il.Emit(OpCodes.Br, target);
                break;
            case IrUnary { Op: IrUnaryOp.Not } e:
                EmitBranch(e.Operand, target, !wanted);
                break;
            case IrConditional { WhenFalse: IrConstant { Bits: 0 } } e:
                EmitJunction(e.Condition, e.WhenTrue, target, wanted, false);
                break;
            case IrConditional { WhenTrue: IrConstant { Bits: not 0 } } e:
                EmitJunction(e.Condition, e.WhenFalse, target, wanted, true);
                break;
            case IrBinary { Op: >= IrBinaryOp.Equal } e:
                Emit(e.Left);
                Emit(e.Right);
                _il.Emit(Branch(e, wanted), target);
                break;
            default:
                Emit(condition);
                _il.Emit(wanted ? OpCodes.Brtrue : OpCodes.Brfalse, target);
                break;
        }
    }

    /// <summary>a and b (decided by false), or a or b (decided by true).</summary>
    private void EmitJunction(IrExpression first, IrExpression second, Label target, bool wanted, bool deciding)
    {
        if (wanted == deciding)
        {
            EmitBranch(first, target, wanted);
            EmitBranch(second, target, wanted);
            return;
        }

        var decided = _il.DefineLabel();
        EmitBranch(first, decided, deciding);
        EmitBranch(second, target, wanted);
        _il.MarkLabel(decided);
    }

    /// <summary>For floats a jump that is wanted must not happen with NaN, and its opposite must; equality is the other way round.</summary>
    private static OpCode Branch(IrBinary e, bool wanted)
    {
        var isFloat = e.Left.Type.IsFloat();
        var unordered = isFloat ? !wanted : !e.Left.Type.IsSigned();
        return (e.Op, wanted) switch
        {
            (IrBinaryOp.Equal, true) or (IrBinaryOp.NotEqual, false) => OpCodes.Beq,
            (IrBinaryOp.Equal, false) or (IrBinaryOp.NotEqual, true) => OpCodes.Bne_Un,
            (IrBinaryOp.Less, true) or (IrBinaryOp.GreaterOrEqual, false) => unordered ? OpCodes.Blt_Un : OpCodes.Blt,
            (IrBinaryOp.LessOrEqual, true) or (IrBinaryOp.Greater, false) => unordered ? OpCodes.Ble_Un : OpCodes.Ble,
            (IrBinaryOp.Greater, true) or (IrBinaryOp.LessOrEqual, false) => unordered ? OpCodes.Bgt_Un : OpCodes.Bgt,
            _ => unordered ? OpCodes.Bge_Un : OpCodes.Bge,
        };
    }

    /// <summary>Brings the result of arithmetic back to the form its type has on the stack.</summary>
    private void Normalize(IrType type)
    {
        switch (type)
        {
            case IrType.I8:
                _il.Emit(OpCodes.Conv_I1);
                break;
            case IrType.U8:
                _il.Emit(OpCodes.Conv_U1);
                break;
            case IrType.I16:
                _il.Emit(OpCodes.Conv_I2);
                break;
            case IrType.U16:
                _il.Emit(OpCodes.Conv_U2);
                break;
            case IrType.F16:
                Call(typeof(CilConvert), nameof(CilConvert.RoundToHalf));
                break;
            case IrType.BF16:
                Call(typeof(CilConvert), nameof(CilConvert.RoundToBFloat16));
                break;
        }
    }

    private void EmitConvert(IrType from, IrType to)
    {
        if (to == IrType.Bool)
        {
            EmitZero(from);
            if (!from.IsFloat())
            {
                _il.Emit(OpCodes.Cgt_Un);
                return;
            }

            _il.Emit(OpCodes.Ceq);
            _il.Emit(OpCodes.Ldc_I4_0);
            _il.Emit(OpCodes.Ceq);
            return;
        }

        if (from.IsFloat()) EmitFloatConvert(from, to);
        else if (to.IsFloat()) EmitIntegerToFloat(from, to);
        else if (to.Size() == 8 && from.Size() < 8) _il.Emit(from.IsSigned() ? OpCodes.Conv_I8 : OpCodes.Conv_U8);
        else if (to.Size() < from.Size() || to.Size() < 4) EmitNarrow(to);
    }

    private void EmitNarrow(IrType to)
    {
        if (to.Size() == 4) _il.Emit(OpCodes.Conv_I4);
        else Normalize(to);
    }

    private void EmitFloatConvert(IrType from, IrType to)
    {
        if (to.IsFloat())
        {
            if (to == IrType.F64) _il.Emit(OpCodes.Conv_R8);
            else if (from == IrType.F64 && to == IrType.F16) Call(typeof(CilConvert), nameof(CilConvert.RoundDoubleToHalf));
            else if (from == IrType.F64) _il.Emit(OpCodes.Conv_R4);
            if (to is IrType.F16 or IrType.BF16) Normalize(to);
            return;
        }

        // Conversions of the library saturate and make NaN zero on every processor; the opcodes do so only on some.
        if (from == IrType.F64) Call(typeof(CilConvert), "To" + to, typeof(double));
        else Call(typeof(CilConvert), "To" + to, typeof(float));
    }

    private void EmitIntegerToFloat(IrType from, IrType to)
    {
        if (to == IrType.F64)
        {
            if (!from.IsSigned()) _il.Emit(OpCodes.Conv_R_Un);
            _il.Emit(OpCodes.Conv_R8);
            return;
        }

        if (from is IrType.U64 or IrType.Pointer)
        {
            Call(typeof(CilConvert), nameof(CilConvert.UInt64ToSingle));
        }
        else
        {
            if (!from.IsSigned()) _il.Emit(OpCodes.Conv_U8);
            _il.Emit(OpCodes.Conv_R4);
        }

        Normalize(to);
    }

    private void EmitBitcast(IrType from, IrType to)
    {
        // Through the unsigned integer of the size.
        switch (from)
        {
            case IrType.F32:
                Call(typeof(BitConverter), nameof(BitConverter.SingleToInt32Bits));
                break;
            case IrType.F64:
                Call(typeof(BitConverter), nameof(BitConverter.DoubleToInt64Bits));
                break;
            case IrType.F16:
                Call(typeof(CilConvert), nameof(CilConvert.SingleToHalfBits));
                break;
            case IrType.BF16:
                Call(typeof(CilConvert), nameof(CilConvert.SingleToBFloat16Bits));
                break;
        }

        switch (to)
        {
            case IrType.F32:
                Call(typeof(BitConverter), nameof(BitConverter.Int32BitsToSingle));
                break;
            case IrType.F64:
                Call(typeof(BitConverter), nameof(BitConverter.Int64BitsToDouble));
                break;
            case IrType.F16:
                _il.Emit(OpCodes.Conv_U2);
                Call(typeof(CilConvert), nameof(CilConvert.HalfBitsToSingle));
                break;
            case IrType.BF16:
                _il.Emit(OpCodes.Conv_U2);
                Call(typeof(CilConvert), nameof(CilConvert.BFloat16BitsToSingle));
                break;
            default:
                Normalize(to);
                break;
        }
    }
}
