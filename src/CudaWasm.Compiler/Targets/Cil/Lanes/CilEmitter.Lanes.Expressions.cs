using System.Reflection.Emit;
using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Targets.Cil;

internal sealed partial class CilEmitter
{
    /// <summary>
    /// Computes into locals what cannot be computed on the evaluation stack: loads, divisions, what runs lane by lane, and values of one
    /// register that are needed for each of two.
    /// </summary>
    private void Prepare(IrExpression e)
    {
        if (_laneValues.ContainsKey(e)) return;
        if (_lanes!.Shape(e).IsAffine)
        {
            if (IrTree.CanFault(e)) KeepScalar(e);
            return;
        }

        if (e is IrLoad load)
        {
            _laneValues[e] = EmitLaneLoad(load);
            return;
        }

        foreach (var operand in IrTree.Operands(e)) Prepare(operand);
        if (e is IrIntrinsicCall call && LaneMath.Expand(call) is { } expanded)
        {
            _laneValues[e] = EmitExpanded(expanded, call.Arguments);
            return;
        }

        if (VectorIsa.Parts(e.Type) == 2)
        {
            foreach (var operand in IrTree.Operands(e))
            {
                if (_lanes.Shape(operand).IsAffine) KeepScalar(operand);
                else if (VectorIsa.Parts(operand.Type) == 1 && operand is not IrSlotRead && !_laneValues.ContainsKey(operand)) _laneValues[operand] = Compute(operand);
            }
        }

        if (e is IrBinary { Op: IrBinaryOp.Divide or IrBinaryOp.Remainder } division && !e.Type.IsFloat() && e.Type.Size() <= 4) _laneValues[e] = EmitLaneDivision(division);
        else if (!LaneOperations.Has(e, _lanes, _isa)) _laneValues[e] = EmitSerialValue(e);
    }

    /// <summary>Computes an expression whose parts may have several parents: each of those once.</summary>
    private LocalBuilder[] EmitExpanded(IrExpression root, IReadOnlyList<IrExpression> arguments)
    {
        var parents = new Dictionary<IrExpression, int>(ReferenceEqualityComparer.Instance);
        var order = new List<IrExpression>();
        foreach (var argument in arguments)
        {
            // A mix of uniform and varying arguments is as varying as its result.
            if (_lanes!.Shape(argument).IsAffine) KeepScalar(argument);
            else if (argument is not IrSlotRead) Materialize(argument);
            parents[argument] = 1;
        }

        Visit(root);
        foreach (var shared in order)
        {
            Prepare(shared);
            if (parents[shared] > 1 && !_lanes!.Shape(shared).IsAffine) Materialize(shared);
            if (!_lanes!.Shape(shared).IsAffine) _lanes.Note(shared);
        }

        return Materialize(root);

        void Visit(IrExpression e)
        {
            if (parents.TryGetValue(e, out var count))
            {
                parents[e] = count + 1;
                return;
            }

            parents.Add(e, 1);
            foreach (var operand in IrTree.Operands(e)) Visit(operand);
            order.Add(e);
        }
    }

    /// <summary>Computes an affine value once; it is needed several times.</summary>
    private void KeepScalar(IrExpression e)
    {
        if (e is IrConstant or IrSlotRead or IrParameterRead or IrBuiltinRead || _laneScalars.ContainsKey(e)) return;
        var local = Acquire(StackType(e.Type));
        Emit(e);
        _il.Emit(OpCodes.Stloc, local);
        _laneScalars.Add(e, local);
    }

    /// <summary>The prepared value in locals.</summary>
    private LocalBuilder[] Materialize(IrExpression e)
    {
        if (_laneValues.TryGetValue(e, out var values)) return values;
        return _laneValues[e] = Compute(e);
    }

    private LocalBuilder[] Compute(IrExpression e)
    {
        var values = AcquireVectors(e.Type);
        for (var part = 0; part < values.Length; part++)
        {
            PushLanes(e, part);
            _il.Emit(OpCodes.Stloc, values[part]);
        }

        return values;
    }

    private LocalBuilder[] AcquireVectors(IrType type) => [.. Enumerable.Range(0, VectorIsa.Parts(type)).Select(_ => Acquire(_isa.Vector(type)))];

    /// <summary>Gives back what was computed for a statement.</summary>
    private void ReleaseTemps()
    {
        foreach (var local in _laneValues.Values.SelectMany(v => v).Distinct()) Release(local);
        foreach (var local in _laneScalars.Values.Concat(_borrowed)) Release(local);
        _borrowed.Clear();
        _laneValues.Clear();
        _laneScalars.Clear();
    }

    /// <summary>Puts a part of a prepared value on the stack.</summary>
    private void PushLanes(IrExpression e, int part)
    {
        if (_laneValues.TryGetValue(e, out var values))
        {
            _il.Emit(OpCodes.Ldloc, values[part]);
            return;
        }

        var element = VectorIsa.Element(e.Type);
        var shape = _lanes!.Shape(e);
        if (shape.IsAffine)
        {
            PushAffine(e, shape.Stride!.Value, part);
            return;
        }

        switch (e)
        {
            case IrSlotRead read:
                _il.Emit(OpCodes.Ldloc, LaneSlot(read.Slot)[part]);
                break;
            case IrBuiltinRead read:
                PushThreadIndex(read.Builtin);
                break;
            case IrUnary unary:
                PushLanes(unary.Operand, part);
                EmitUnary(unary.Op == IrUnaryOp.Negate ? "Negate" : "OnesComplement", element);
                NormalizeLanes(e.Type);
                break;
            case IrBinary { Op: >= IrBinaryOp.Equal } comparison:
                PushComparison(comparison);
                break;
            case IrBinary binary:
                PushBinary(binary, part);
                break;
            case IrConvert convert:
                PushConvert(convert, part);
                break;
            case IrBitcast bitcast:
                PushLanes(bitcast.Operand, part);
                EmitCast(VectorIsa.Element(bitcast.Operand.Type), element);
                break;
            case IrConditional conditional:
                PushConditional(conditional, part);
                break;
            case IrAddress address:
                PushLanes(address.Base, part);
                if (address.Index is not null)
                {
                    PushExtended(address.Index, part);
                    EmitScale(address.Scale);
                    EmitBinary("Add", typeof(long));
                }

                if (address.Offset == 0) break;
                _il.Emit(OpCodes.Ldc_I8, address.Offset);
                EmitCreate(typeof(long));
                EmitBinary("Add", typeof(long));
                break;
            case IrIntrinsicCall call:
                PushIntrinsic(call, part);
                break;
            default:
                throw new InvalidOperationException($"A {e.GetType().Name} was not prepared for lanes.");
        }
    }

    private void PushAffine(IrExpression e, long stride, int part)
    {
        var element = VectorIsa.Element(e.Type);
        if (_laneScalars.TryGetValue(e, out var scalar)) _il.Emit(OpCodes.Ldloc, scalar);
        else Emit(e);
        if (e.Type == IrType.Bool) _il.Emit(OpCodes.Neg);
        EmitCreate(element);
        if (stride == 0) return;
        EmitSequence(element, stride, part);
        EmitBinary("Add", element);
    }

    /// <summary>Thread indices of lanes that are not in one row.</summary>
    private void PushThreadIndex(IrBuiltin builtin)
    {
        _il.Emit(OpCodes.Ldc_I8, (long)_tables!.Of(builtin));
        _il.Emit(OpCodes.Ldloc, ThreadLocal);
        _il.Emit(OpCodes.Ldc_I4_4);
        _il.Emit(OpCodes.Mul);
        _il.Emit(OpCodes.Conv_I8);
        _il.Emit(OpCodes.Add);
        _il.Emit(OpCodes.Conv_I);
        EmitRegisterLoad(typeof(int));
    }

    private void PushBinary(IrBinary e, int part)
    {
        var element = VectorIsa.Element(e.Type);
        PushLanes(e.Left, part);
        if (e.Op is IrBinaryOp.ShiftLeft or IrBinaryOp.ShiftRight)
        {
            PushShift(e);
            return;
        }

        PushLanes(e.Right, part);
        EmitBinary(
            e.Op switch
            {
                IrBinaryOp.Add => "Add",
                IrBinaryOp.Subtract => "Subtract",
                IrBinaryOp.Multiply => "Multiply",
                IrBinaryOp.Divide => "Divide",
                IrBinaryOp.And => "BitwiseAnd",
                IrBinaryOp.Or => "BitwiseOr",
                _ => "Xor",
            },
            element);
        NormalizeLanes(e.Type);
    }

    /// <summary>The left operand is on the stack.</summary>
    private void PushShift(IrBinary e)
    {
        var element = VectorIsa.Element(e.Type);
        var isLeft = e.Op == IrBinaryOp.ShiftLeft;
        if (_lanes!.Shape(e.Right).IsUniform)
        {
            if (_laneScalars.TryGetValue(e.Right, out var count)) _il.Emit(OpCodes.Ldloc, count);
            else Emit(e.Right);
            EmitVector(isLeft ? "ShiftLeft" : e.Type.IsSigned() ? "ShiftRightArithmetic" : "ShiftRightLogical", element, _isa.Vector(element), typeof(int));
        }
        else
        {
            PushLanes(e.Right, 0);
            EmitCast(typeof(int), typeof(uint));
            var method = LaneOperations.VariableShift(isLeft ? "ShiftLeftLogicalVariable" : e.Type.IsSigned() ? "ShiftRightArithmeticVariable" : "ShiftRightLogicalVariable", _isa)!;
            _il.Emit(OpCodes.Call, method);
        }

        if (isLeft) NormalizeLanes(e.Type);
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

    private void PushComparison(IrBinary e)
    {
        var type = e.Left.Type;
        var element = VectorIsa.Element(type);
        var isOrdered = e.Op is not (IrBinaryOp.Equal or IrBinaryOp.NotEqual);
        var unsigned = isOrdered && type is IrType.U32 or IrType.U64 or IrType.Pointer ? (element == typeof(int) ? typeof(uint) : typeof(ulong)) : element;
        for (var part = 0; part < VectorIsa.Parts(type); part++)
        {
            foreach (var operand in new[] { e.Left, e.Right })
            {
                PushLanes(operand, part);
                EmitCast(element, unsigned);
            }

            EmitBinary(
                e.Op switch
                {
                    IrBinaryOp.Equal or IrBinaryOp.NotEqual => "Equals",
                    IrBinaryOp.Less => "LessThan",
                    IrBinaryOp.LessOrEqual => "LessThanOrEqual",
                    IrBinaryOp.Greater => "GreaterThan",
                    _ => "GreaterThanOrEqual",
                },
                unsigned);
            EmitCast(unsigned, VectorIsa.Parts(type) == 2 ? typeof(long) : typeof(int));
        }

        if (VectorIsa.Parts(type) == 2) EmitBinary("Narrow", typeof(long));
        if (e.Op == IrBinaryOp.NotEqual) EmitUnary("OnesComplement", typeof(int));
    }

    private void PushConditional(IrConditional e, int part)
    {
        if (_lanes!.Shape(e.Condition).IsUniform)
        {
            var (otherwise, end) = (_il.DefineLabel(), _il.DefineLabel());
            EmitBranch(e.Condition, otherwise, false);
            PushLanes(e.WhenTrue, part);
            _il.Emit(OpCodes.Br, end);
            _il.MarkLabel(otherwise);
            PushLanes(e.WhenFalse, part);
            _il.MarkLabel(end);
            return;
        }

        var element = VectorIsa.Element(e.Type);
        PushLanes(e.Condition, 0);
        if (e.Type == IrType.Bool && e.WhenFalse is IrConstant { Bits: 0 })
        {
            PushLanes(e.WhenTrue, part);
            EmitBinary("BitwiseAnd", typeof(int));
            return;
        }

        if (e.Type == IrType.Bool && e.WhenTrue is IrConstant { Bits: not 0 })
        {
            PushLanes(e.WhenFalse, part);
            EmitBinary("BitwiseOr", typeof(int));
            return;
        }

        EmitMaskCast(element, part);
        PushLanes(e.WhenTrue, part);
        PushLanes(e.WhenFalse, part);
        EmitSelect(element);
    }

    private void PushConvert(IrConvert e, int part)
    {
        var (from, to) = (e.Operand.Type, e.Type);
        if (to == IrType.Bool)
        {
            PushTruth(e.Operand);
            return;
        }

        if (from == IrType.Bool)
        {
            PushLanes(e.Operand, 0);
            _il.Emit(OpCodes.Ldc_I4_1);
            EmitCreate(typeof(int));
            EmitBinary("BitwiseAnd", typeof(int));
            from = IrType.I32;
        }
        else if (VectorIsa.Parts(from) == 2 && VectorIsa.Parts(to) == 1)
        {
            PushNarrowed(e);
            return;
        }
        else
        {
            PushLanes(e.Operand, VectorIsa.Parts(from) == 1 ? 0 : part);
        }

        if (VectorIsa.Parts(from) == 1 && VectorIsa.Parts(to) == 2) EmitWiden(from, to, part);
        else if (VectorIsa.Parts(from) == 2) EmitConvert64(from, to);
        else EmitConvert32(from, to);
    }

    private void PushTruth(IrExpression operand)
    {
        var element = VectorIsa.Element(operand.Type);
        var parts = VectorIsa.Parts(operand.Type);
        for (var part = 0; part < parts; part++)
        {
            PushLanes(operand, part);
            EmitZero(operand.Type);
            EmitCreate(element);
            EmitBinary("Equals", element);
            EmitCast(element, parts == 2 ? typeof(long) : typeof(int));
        }

        if (parts == 2) EmitBinary("Narrow", typeof(long));
        EmitUnary("OnesComplement", typeof(int));
    }

    /// <summary>From two registers into one.</summary>
    private void PushNarrowed(IrConvert e)
    {
        var (from, to) = (e.Operand.Type, e.Type);
        for (var part = 0; part < 2; part++)
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
        var name = part == 0 ? "WidenLower" : "WidenUpper";
        if (from.IsFloat())
        {
            EmitUnary(name, typeof(float));
            if (to != IrType.F64) EmitVector("ConvertToInt64", typeof(double), _isa.Vector(typeof(double)));
            return;
        }

        if (to == IrType.F64 && from != IrType.U32)
        {
            CallLanes(typeof(LaneConvert), part == 0 ? nameof(LaneConvert.LowerToDouble) : nameof(LaneConvert.UpperToDouble), IntVector);
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
        PushLanes(index, part: VectorIsa.Parts(index.Type) == 2 ? part : 0);
        if (VectorIsa.Parts(index.Type) == 1) EmitWiden(index.Type, IrType.I64, part);
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
        var result = values[0];
        var (left, right) = (Materialize(e.Left)[0], Materialize(e.Right)[0]);
        if (e.Right is not IrConstant { Bits: not 0 }) EmitZeroCheck(e, right);
        _il.Emit(OpCodes.Ldloc, left);
        _il.Emit(OpCodes.Ldloc, right);
        CallLanes(typeof(LaneConvert), e.Type == IrType.U32 ? nameof(LaneConvert.DivideUnsigned) : nameof(LaneConvert.DivideSigned), IntVector, IntVector);
        _il.Emit(OpCodes.Stloc, result);
        if (e.Op == IrBinaryOp.Remainder)
        {
            _il.Emit(OpCodes.Ldloc, left);
            _il.Emit(OpCodes.Ldloc, result);
            _il.Emit(OpCodes.Ldloc, right);
            EmitBinary("Multiply", typeof(int));
            EmitBinary("Subtract", typeof(int));
            _il.Emit(OpCodes.Stloc, result);
        }

        _il.Emit(OpCodes.Ldloc, result);
        NormalizeLanes(e.Type);
        _il.Emit(OpCodes.Stloc, result);
        return values;
    }

    private void EmitZeroCheck(IrBinary e, LocalBuilder divisor)
    {
        var bits = Acquire(typeof(int));
        var go = _il.DefineLabel();
        _il.Emit(OpCodes.Ldloc, divisor);
        _il.Emit(OpCodes.Ldc_I4_0);
        EmitCreate(typeof(int));
        EmitBinary("Equals", typeof(int));
        if (Mask is { } mask)
        {
            _il.Emit(OpCodes.Ldloc, mask);
            EmitBinary("BitwiseAnd", typeof(int));
        }

        EmitVector("ExtractMostSignificantBits", typeof(int), IntVector);
        _il.Emit(OpCodes.Conv_I4);
        _il.Emit(OpCodes.Stloc, bits);
        _il.Emit(OpCodes.Ldloc, bits);
        _il.Emit(OpCodes.Brfalse, go);
        _il.Emit(OpCodes.Ldc_I4, _sites.Add(new FaultSite(e.Span, Text.DiagnosticCodes.DivisionByZero)));
        _il.Emit(OpCodes.Ldloc, ThreadLocal);
        _il.Emit(OpCodes.Ldloc, bits);
        _il.Emit(OpCodes.Call, typeof(System.Numerics.BitOperations).GetMethod("TrailingZeroCount", [typeof(int)])!);
        _il.Emit(OpCodes.Add);
        Call(typeof(CilChecks), nameof(CilChecks.Fault));
        _il.MarkLabel(go);
        Release(bits);
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
