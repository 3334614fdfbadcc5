using System.Reflection.Emit;
using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Targets.Cil;

internal sealed partial class CilEmitter
{
    /// <summary>Code for a function that has more constants than there are registers.</summary>
    private bool _isExpanding;

    /// <summary>
    /// Computes into locals what cannot be computed on the evaluation stack: loads, divisions, what runs lane by lane, and values of one
    /// register that are needed for each of two.
    /// </summary>
    private void Prepare(IrExpression e)
    {
        if (_laneValues.ContainsKey(e)) return;
        if (_lanes!.Shape(e).IsAffine)
        {
            // Each register asks for it.
            if (IrTree.CanFault(e) || _rows > 1) KeepScalar(e);
            return;
        }

        if (e is IrLoad load)
        {
            PrepareLoad(load);
            return;
        }

        foreach (var operand in IrTree.Operands(e)) Prepare(operand);
        if (e is IrIntrinsicCall call && LaneMath.Expand(call) is { } expanded)
        {
            _laneValues[e] = EmitExpanded(expanded, call.Arguments);
            return;
        }

        if (IsWide(e.Type))
        {
            foreach (var operand in IrTree.Operands(e))
            {
                if (_lanes.Shape(operand).IsAffine) KeepScalar(operand);
                else if (!IsWide(operand.Type) && operand is not IrSlotRead && !_laneValues.ContainsKey(operand)) _laneValues[operand] = Compute(operand);
            }
        }

        if (e is IrConditional choice && _lanes.Shape(choice.Condition).IsUniform && Parts(e.Type) > 1) _laneValues[e] = EmitChoice(choice);
        else if (e is IrBinary { Op: IrBinaryOp.Divide or IrBinaryOp.Remainder } division && !e.Type.IsFloat() && e.Type.Size() <= 4) _laneValues[e] = EmitLaneDivision(division);
        else if (!LaneOperations.Has(e, _lanes, _isa)) _laneValues[e] = EmitSerialValue(e);
    }

    /// <summary>All parts of the side that a condition chooses for all lanes.</summary>
    private LocalBuilder[] EmitChoice(IrConditional e)
    {
        var values = AcquireVectors(e.Type);
        var (otherwise, end) = (_il.DefineLabel(), _il.DefineLabel());
        EmitBranch(e.Condition, otherwise, false);
        StoreParts(values, part => PushLanes(e.WhenTrue, part));
        _il.Emit(OpCodes.Br, end);
        _il.MarkLabel(otherwise);
        StoreParts(values, part => PushLanes(e.WhenFalse, part));
        _il.MarkLabel(end);
        return values;
    }

    /// <summary>
    /// Computes an expression whose parts may have several parents: each of those once. One row is computed after the other, so that no more
    /// values are alive than a single register's lanes need.
    /// </summary>
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
        var kept = new List<(IrExpression Value, LocalBuilder[] Locals)>();
        foreach (var shared in order)
        {
            if (_lanes!.Shape(shared).IsAffine)
            {
                KeepScalar(shared);
                continue;
            }

            _lanes.Note(shared);
            if (!LaneOperations.Has(shared, _lanes, _isa)) throw new InvalidOperationException($"{shared.GetType().Name} in an expansion has no vector code.");
            if (parents[shared] == 1 && shared != root) continue;
            // What no one asks for after its row needs one row's locals only.
            var locals = shared == root ? AcquireVectors(shared.Type) : AcquireRow(shared.Type);
            kept.Add((shared, locals));
            _laneValues[shared] = locals;
        }

        _isExpanding = true;
        for (var row = 0; row < _rows; row++)
        {
            foreach (var (value, locals) in kept)
            {
                for (var part = 0; part < locals.Length; part++)
                {
                    if (Row(value.Type, part) != row) continue;
                    PushOperation(value, part);
                    _il.Emit(OpCodes.Stloc, locals[part]);
                }
            }
        }

        _isExpanding = false;
        return _laneValues[root];

        void Visit(IrExpression e)
        {
            if (parents.TryGetValue(e, out var count))
            {
                parents[e] = count + 1;
                return;
            }

            parents.Add(e, 1);
            foreach (var operand in IrTree.Operands(e))
            {
                Visit(operand);
                // Each of two registers asks for the one.
                if (IsWide(e.Type) && !IsWide(operand.Type)) parents[operand]++;
            }

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

    private void PushScalar(IrExpression e)
    {
        if (_laneScalars.TryGetValue(e, out var local)) _il.Emit(OpCodes.Ldloc, local);
        else Emit(e);
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
        StoreParts(values, part => PushLanes(e, part));
        return values;
    }

    /// <summary>Locals for a value of which one row is needed at a time: every row has the same.</summary>
    private LocalBuilder[] AcquireRow(IrType type)
    {
        var row = Enumerable.Range(0, IsWide(type) ? 2 : 1).Select(_ => Acquire(_isa.Vector(type))).ToArray();
        return [.. Enumerable.Repeat(row, _rows).SelectMany(r => r)];
    }

    /// <summary>Gives back what was computed for a statement.</summary>
    private void ReleaseTemps()
    {
        foreach (var local in _laneValues.Values.SelectMany(v => v).Distinct()) Release(local);
        foreach (var local in _laneScalars.Values.Concat(_borrowed)) Release(local);
        _laneLoads.Clear();
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

        PushOperation(e, part);
    }

    /// <summary>Puts a part of a value on the stack, computed from its operands.</summary>
    private void PushOperation(IrExpression e, int part)
    {
        var element = VectorIsa.Element(e.Type);
        var shape = _lanes!.Shape(e);
        if (shape.IsAffine)
        {
            PushAffine(e, shape.Stride!.Value, part);
            return;
        }

        switch (e)
        {
            case IrLoad load:
                PushLoad(load, part);
                break;
            case IrSlotRead read:
                _il.Emit(OpCodes.Ldloc, LaneSlot(read.Slot)[part]);
                break;
            case IrBuiltinRead read:
                PushThreadIndex(read.Builtin, part);
                break;
            case IrUnary unary:
                PushLanes(unary.Operand, part);
                EmitUnary(unary.Op == IrUnaryOp.Negate ? "Negate" : "OnesComplement", element);
                NormalizeLanes(e.Type);
                break;
            case IrBinary { Op: >= IrBinaryOp.Equal } comparison:
                PushComparison(comparison, part);
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
        if (e is IrConstant { Type: IrType.F32 or IrType.F64 } constant && !_isExpanding && KeptConstant(constant, element) is { } kept)
        {
            _il.Emit(OpCodes.Ldloc, kept);
            return;
        }

        PushScalar(e);
        if (e.Type == IrType.Bool) _il.Emit(OpCodes.Neg);
        EmitCreate(element);
        if (stride == 0) return;
        EmitSequence(element, stride, part);
        EmitBinary("Add", element);
    }

    /// <summary>Thread indices of lanes that are not in one row.</summary>
    private void PushThreadIndex(IrBuiltin builtin, int row)
    {
        _il.Emit(OpCodes.Ldc_I8, (long)_tables!.Of(builtin) + (row * RegisterBytes));
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
            PushShift(e, part);
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

    private void PushComparison(IrBinary e, int row)
    {
        var type = e.Left.Type;
        var element = VectorIsa.Element(type);
        var isOrdered = e.Op is not (IrBinaryOp.Equal or IrBinaryOp.NotEqual);
        var unsigned = isOrdered && type is IrType.U32 or IrType.U64 or IrType.Pointer ? (element == typeof(int) ? typeof(uint) : typeof(ulong)) : element;
        PushTests(type, row, part =>
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
            EmitCast(unsigned, element);
        });
        if (e.Op == IrBinaryOp.NotEqual) EmitUnary("OnesComplement", typeof(int));
    }

    /// <summary>Puts a row of Bool on the stack, from tests of the elements of a type.</summary>
    private void PushTests(IrType type, int row, Action<int> push)
    {
        var element = VectorIsa.Element(type);
        if (!IsWide(type))
        {
            push(row);
            EmitCast(element, typeof(int));
            return;
        }

        for (var part = 2 * row; part < (2 * row) + 2; part++)
        {
            push(part);
            EmitCast(element, typeof(long));
        }

        EmitBinary("Narrow", typeof(long));
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
        PushLanes(e.Condition, Row(e.Type, part));
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
}
