using System.Numerics;
using System.Reflection.Emit;
using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Passes;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Targets.Cil;

internal sealed partial class CilEmitter
{
    private readonly Dictionary<object, RootCode> _roots = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<IrVariable, long> _frame = new(ReferenceEqualityComparer.Instance);
    private LocalBuilder? _frameStart;
    private long? _frameBytes;

    /// <summary>What is known at run time about an object that addresses are checked against without its tag.</summary>
    private sealed class RootCode
    {
        /// <summary>Native address of the first byte.</summary>
        public required LocalBuilder Base { get; init; }

        /// <summary>The pointer to the first byte: tagged, or the base in unchecked code. Null where <see cref="ConstantTag"/> is it.</summary>
        public LocalBuilder? Tag { get; init; }

        public long ConstantTag { get; init; }

        /// <summary>Length in bytes where it is known now.</summary>
        public long? ConstantLength { get; init; }

        /// <summary>Length in bytes, where it is known at run time only.</summary>
        public LocalBuilder? Length { get; init; }

        /// <summary>Length in units of 2^key bytes.</summary>
        public Dictionary<int, LocalBuilder> Limits { get; } = [];
    }

    private LocalBuilder FrameStart => _frameStart ??= _il.DeclareLocal(typeof(long));

    /// <summary>Bytes of stack memory a function needs for its variables and for copies of aggregate arguments.</summary>
    private long FrameBytes => _frameBytes ??= LayOutFrame();

    /// <summary>Puts the native address of an access on the stack, checked.</summary>
    private void EmitAddress(IrExpression address, int bytes, IrType access, SourceSpan span, bool isWrite)
    {
        if (!_checked)
        {
            Emit(address);
            _il.Emit(OpCodes.Conv_I);
            return;
        }

        var shift = BitOperations.Log2((uint)bytes);
        if (_provenance.Root(address) is not { } found)
        {
            Emit(address);
            _il.Emit(OpCodes.Ldarg_0);
            _il.Emit(OpCodes.Ldc_I4, shift);
            _il.Emit(OpCodes.Ldc_I4, _sites.Add(new FaultSite(span, DiagnosticCodes.OutOfBounds, null, access, bytes, isWrite)));
            LoadThread();
            Call(typeof(CilChecks), nameof(CilChecks.Resolve));
            _il.Emit(OpCodes.Conv_I);
            return;
        }

        var root = Root(found);
        if (ConstantOffset(address, found) is { } constant && root.ConstantLength is { } length && constant >= 0 && constant <= length - bytes && constant % bytes == 0)
        {
            _il.Emit(OpCodes.Ldloc, root.Base);
            _il.Emit(OpCodes.Ldc_I8, constant);
            _il.Emit(OpCodes.Add);
            _il.Emit(OpCodes.Conv_I);
            return;
        }

        if (root.ConstantLength is { } bound && IsInside(address, found, bound, bytes))
        {
            _il.Emit(OpCodes.Ldloc, root.Base);
            if (EmitOffset(address, found)) _il.Emit(OpCodes.Add);
            _il.Emit(OpCodes.Conv_I);
            return;
        }

        var offset = Acquire(typeof(long));
        if (!EmitOffset(address, found)) _il.Emit(OpCodes.Ldc_I8, 0L);
        _il.Emit(OpCodes.Stloc, offset);
        var inside = _il.DefineLabel();
        _il.Emit(OpCodes.Ldloc, offset);
        if (shift > 0 && !IsAligned(address, found, bytes))
        {
            // A misaligned offset has low bits, which the rotation makes high ones: one comparison serves both checks.
            _il.Emit(OpCodes.Ldc_I4, shift);
            Call(typeof(BitOperations), nameof(BitOperations.RotateRight), typeof(ulong), typeof(int));
            EmitLimit(root, shift);
        }
        else
        {
            EmitLimit(root, -shift);
        }

        _il.Emit(OpCodes.Blt_Un, inside);
        _il.Emit(OpCodes.Ldloc, offset);
        _il.Emit(OpCodes.Ldc_I4, _sites.Add(new FaultSite(span, DiagnosticCodes.OutOfBounds, found, access, bytes, isWrite)));
        LoadThread();
        Call(typeof(CilChecks), nameof(CilChecks.Access));
        _il.MarkLabel(inside);
        _il.Emit(OpCodes.Ldloc, root.Base);
        _il.Emit(OpCodes.Ldloc, offset);
        _il.Emit(OpCodes.Add);
        _il.Emit(OpCodes.Conv_I);
        Release(offset);
    }

    /// <summary>Puts the native address of a piece of memory on the stack, checked.</summary>
    private void EmitRange(IrExpression address, long bytes, int alignment, SourceSpan span, bool isWrite)
    {
        if (_checked && _provenance.Root(address) is { } found && ConstantOffset(address, found) is { } constant
            && Root(found) is { ConstantLength: { } length } root && constant >= 0 && constant <= length - bytes)
        {
            _il.Emit(OpCodes.Ldloc, root.Base);
            _il.Emit(OpCodes.Ldc_I8, constant);
            _il.Emit(OpCodes.Add);
            _il.Emit(OpCodes.Conv_I);
            return;
        }

        Emit(address);
        if (_checked)
        {
            var origin = _provenance.Root(address);
            _il.Emit(OpCodes.Ldarg_0);
            _il.Emit(OpCodes.Ldc_I8, bytes);
            _il.Emit(OpCodes.Ldc_I4, Math.Max(1, alignment));
            _il.Emit(OpCodes.Ldc_I4, _sites.Add(new FaultSite(span, DiagnosticCodes.OutOfBounds, origin, IrType.Void, bytes, isWrite)));
            LoadThread();
            Call(typeof(CilChecks), nameof(CilChecks.ResolveRange));
        }

        _il.Emit(OpCodes.Conv_I);
    }

    private void EmitCopy(IrCopy copy)
    {
        if (_instrumented)
        {
            EmitMonitoredCopy(copy.Target, copy.Source, copy.Bytes, copy.Alignment, copy.Span, false, false);
            return;
        }

        EmitRange(copy.Target, copy.Bytes, copy.Alignment, copy.Span, true);
        EmitRange(copy.Source, copy.Bytes, copy.Alignment, copy.Span, false);
        _il.Emit(OpCodes.Ldc_I4, checked((int)copy.Bytes));
        _il.Emit(OpCodes.Cpblk);
    }

    /// <summary>Puts the bytes from the root's start on the stack; nothing, and false, where they are zero.</summary>
    private bool EmitOffset(IrExpression address, PointerRoot root)
    {
        if (address is IrParameterRead or IrVariableAddress) return false;
        if (address is not IrAddress e)
        {
            Emit(address);
            EmitTag(Root(root));
            _il.Emit(OpCodes.Sub);
            return true;
        }

        var pushed = EmitOffset(e.Base, root);
        if (e.Index is not null)
        {
            EmitIndex(e.Index, e.Scale);
            if (pushed) _il.Emit(OpCodes.Add);
            pushed = true;
        }

        if (e.Offset == 0) return pushed;
        _il.Emit(OpCodes.Ldc_I8, e.Offset);
        if (pushed) _il.Emit(OpCodes.Add);
        return true;
    }

    private void EmitIndex(IrExpression index, int scale)
    {
        Emit(index);
        if (index.Type.Size() < 8) _il.Emit(index.Type.IsSigned() ? OpCodes.Conv_I8 : OpCodes.Conv_U8);
        if (scale == 1) return;
        _il.Emit(OpCodes.Ldc_I8, (long)scale);
        _il.Emit(OpCodes.Mul);
    }

    private static long? ConstantOffset(IrExpression address, PointerRoot root) => address switch
    {
        IrParameterRead or IrVariableAddress => 0,
        IrAddress { Index: null } e when ConstantOffset(e.Base, root) is { } offset => offset + e.Offset,
        _ => null,
    };

    /// <summary>The offset is a multiple of the size whatever the indices are; roots are aligned for every scalar they may hold.</summary>
    private static bool IsAligned(IrExpression address, PointerRoot root, int bytes) => address switch
    {
        IrParameterRead => true,
        IrVariableAddress => true,
        IrAddress e => (e.Index is null || e.Scale % bytes == 0) && e.Offset % bytes == 0 && IsAligned(e.Base, root, bytes),
        _ => false,
    };

    private void EmitTag(RootCode root)
    {
        if (root.Tag is { } tag) _il.Emit(OpCodes.Ldloc, tag);
        else _il.Emit(OpCodes.Ldc_I8, root.ConstantTag);
    }

    /// <summary>Puts the length on the stack: in units of 2^shift bytes, or for a negative shift in bytes rounded down to such units.</summary>
    private void EmitLimit(RootCode root, int shift)
    {
        if (root.ConstantLength is { } length)
        {
            _il.Emit(OpCodes.Ldc_I8, shift >= 0 ? length >> shift : length >> -shift << -shift);
            return;
        }

        if (!root.Limits.TryGetValue(shift, out var limit))
        {
            limit = _il.DeclareLocal(typeof(long));
            root.Limits.Add(shift, limit);
            var kept = limit;
            _prologue.Add(() =>
            {
                _il.Emit(OpCodes.Ldloc, root.Length!);
                if (shift > 0)
                {
                    _il.Emit(OpCodes.Ldc_I4, shift);
                    _il.Emit(OpCodes.Shr);
                }
                else if (shift < 0)
                {
                    _il.Emit(OpCodes.Ldc_I8, -1L << -shift);
                    _il.Emit(OpCodes.And);
                }

                _il.Emit(OpCodes.Stloc, kept);
            });
        }

        _il.Emit(OpCodes.Ldloc, limit);
    }

    private RootCode Root(PointerRoot root) => root.Parameter is { } parameter ? ParameterRoot(parameter) : VariableRoot(root.Variable!);

    private RootCode ParameterRoot(IrParameter parameter)
    {
        if (_roots.TryGetValue(parameter, out var found)) return found;
        var (tag, start, length) = (_il.DeclareLocal(typeof(long)), _il.DeclareLocal(typeof(long)), _il.DeclareLocal(typeof(long)));
        found = new RootCode { Base = start, Tag = tag, Length = length };
        _roots.Add(parameter, found);
        _prologue.Add(() =>
        {
            EmitArgument(parameter);
            _il.Emit(OpCodes.Stloc, tag);
            if (_checked)
            {
                // A buffer's tag points to its first byte; a null pointer has no bytes.
                EmitEntry(() =>
                {
                    _il.Emit(OpCodes.Ldloc, tag);
                    _il.Emit(OpCodes.Ldc_I4, 48);
                    _il.Emit(OpCodes.Shr_Un);
                });
                _il.Emit(OpCodes.Dup);
                _il.Emit(OpCodes.Ldfld, typeof(MemoryObject).GetField(nameof(MemoryObject.Length))!);
                _il.Emit(OpCodes.Stloc, length);
                _il.Emit(OpCodes.Ldfld, typeof(MemoryObject).GetField(nameof(MemoryObject.Base))!);
                _il.Emit(OpCodes.Conv_I8);
                _il.Emit(OpCodes.Stloc, start);
            }
        });
        return found;
    }

    private RootCode VariableRoot(IrVariable variable)
    {
        if (variable.Space == IrSpace.DynamicShared) variable = _layout[variable].Variable;
        if (_roots.TryGetValue(variable, out var found)) return found;
        var start = _il.DeclareLocal(typeof(long));
        if (IsInFrame(variable))
        {
            var tag = _checked ? _il.DeclareLocal(typeof(long)) : start;
            found = new RootCode { Base = start, Tag = tag, ConstantLength = variable.Bytes };
            _roots.Add(variable, found);
            _prologue.Add(() => EmitFrameRoot(variable, start, tag));
            return found;
        }

        var place = _layout[variable];
        var isDynamic = variable.Space == IrSpace.DynamicShared;
        var length = isDynamic ? _il.DeclareLocal(typeof(long)) : null;
        found = new RootCode
        {
            Base = start,
            Tag = _checked ? null : start,
            ConstantTag = CilPointer.Tag(place.Id),
            ConstantLength = isDynamic ? null : variable.Bytes,
            Length = length,
        };
        _roots.Add(variable, found);
        if (place.IsPerThread) return found;
        _prologue.Add(() =>
        {
            EmitEntry(() => _il.Emit(OpCodes.Ldc_I8, (long)place.Id));
            if (length is not null)
            {
                _il.Emit(OpCodes.Dup);
                _il.Emit(OpCodes.Ldfld, typeof(MemoryObject).GetField(nameof(MemoryObject.Length))!);
                _il.Emit(OpCodes.Stloc, length);
            }

            _il.Emit(OpCodes.Ldfld, typeof(MemoryObject).GetField(nameof(MemoryObject.Base))!);
            _il.Emit(OpCodes.Conv_I8);
            _il.Emit(OpCodes.Stloc, start);
        });
        return found;
    }

    /// <summary>Puts the address of an entry of the object table on the stack.</summary>
    private unsafe void EmitEntry(Action id)
    {
        LoadField(nameof(BlockContext.Objects));
        id();
        _il.Emit(OpCodes.Ldc_I8, (long)sizeof(MemoryObject));
        _il.Emit(OpCodes.Mul);
        _il.Emit(OpCodes.Conv_I);
        _il.Emit(OpCodes.Add);
    }

    /// <summary>At the begin of a thread's run: lets the variables with a copy a thread be this thread's.</summary>
    private void PlacePerThreadVariables()
    {
        foreach (var place in _layout.PerThreadObjects)
        {
            var start = VariableRoot(place.Variable).Base;
            LoadConstantField(nameof(BlockContext.Local));
            _il.Emit(OpCodes.Ldc_I8, _layout.LocalBytes);
            _il.Emit(OpCodes.Add);
            LoadConstantField(nameof(BlockContext.PaddedThreads));
            _il.Emit(OpCodes.Conv_I8);
            _il.Emit(OpCodes.Ldc_I8, place.Offset);
            _il.Emit(OpCodes.Mul);
            _il.Emit(OpCodes.Add);
            _il.Emit(OpCodes.Ldloc, ThreadLocal);
            _il.Emit(OpCodes.Conv_I8);
            _il.Emit(OpCodes.Ldc_I8, CilLayout.Stride(place.Variable));
            _il.Emit(OpCodes.Mul);
            _il.Emit(OpCodes.Add);
            _il.Emit(OpCodes.Stloc, start);
            EmitEntry(() => _il.Emit(OpCodes.Ldc_I8, (long)place.Id));
            _il.Emit(OpCodes.Ldloc, start);
            _il.Emit(OpCodes.Conv_I);
            _il.Emit(OpCodes.Stfld, typeof(MemoryObject).GetField(nameof(MemoryObject.Base))!);
        }
    }

    private bool IsInFrame(IrVariable variable) => !_function.IsKernel && (_frame.ContainsKey(variable) || (FrameBytes > 0 && _frame.ContainsKey(variable)));

    private long LayOutFrame()
    {
        long bytes = 0;
        if (_function.IsKernel) return 0;
        var own = _function.Variables.Where(v => v.Space == IrSpace.Local).Concat(_function.Parameters.Select(p => p.Variable).OfType<IrVariable>());
        foreach (var variable in own)
        {
            bytes = CilLayout.Align(bytes, Math.Max(8, variable.Alignment));
            _frame[variable] = bytes;
            bytes += variable.Bytes;
        }

        return CilLayout.Align(bytes, 16);
    }

    private void EmitFrameRoot(IrVariable variable, LocalBuilder start, LocalBuilder tag)
    {
        LoadField(nameof(BlockContext.Stack));
        _il.Emit(OpCodes.Conv_I8);
        _il.Emit(OpCodes.Ldloc, FrameStart);
        _il.Emit(OpCodes.Add);
        _il.Emit(OpCodes.Ldc_I8, _frame[variable]);
        _il.Emit(OpCodes.Add);
        _il.Emit(OpCodes.Stloc, start);
        if (!_checked) return;
        _il.Emit(OpCodes.Ldc_I8, CilPointer.Tag(_layout.StackObject) + _frame[variable]);
        _il.Emit(OpCodes.Ldloc, FrameStart);
        _il.Emit(OpCodes.Add);
        _il.Emit(OpCodes.Stloc, tag);
    }

    /// <summary>A function's aggregate argument comes as a pointer; by value means a copy of its own.</summary>
    private void CopyAggregateArguments()
    {
        foreach (var parameter in _function.Parameters)
        {
            if (parameter.Variable is not { } variable) continue;
            LoadField(nameof(BlockContext.Stack));
            _il.Emit(OpCodes.Conv_I8);
            _il.Emit(OpCodes.Ldloc, FrameStart);
            _il.Emit(OpCodes.Add);
            _il.Emit(OpCodes.Ldc_I8, _frame[variable]);
            _il.Emit(OpCodes.Add);
            _il.Emit(OpCodes.Conv_I);
            _il.Emit(OpCodes.Ldarg, (short)(parameter.Index + 2));
            if (_checked)
            {
                _il.Emit(OpCodes.Ldarg_0);
                _il.Emit(OpCodes.Ldc_I8, variable.Bytes);
                _il.Emit(OpCodes.Ldc_I4, 1);
                _il.Emit(OpCodes.Ldc_I4, _sites.Add(new FaultSite(_function.Span, DiagnosticCodes.OutOfBounds, null, IrType.Void, variable.Bytes)));
                LoadThread();
                Call(typeof(CilChecks), nameof(CilChecks.ResolveRange));
            }

            _il.Emit(OpCodes.Conv_I);
            _il.Emit(OpCodes.Ldc_I4, checked((int)variable.Bytes));
            _il.Emit(OpCodes.Cpblk);
            if (_instrumented) EmitFillFrame(variable);
        }
    }

    private void EmitLoad(IrType type, bool isVolatile)
    {
        if (isVolatile) _il.Emit(OpCodes.Volatile);
        switch (type)
        {
            case IrType.I8:
                _il.Emit(OpCodes.Ldind_I1);
                break;
            case IrType.Bool or IrType.U8:
                _il.Emit(OpCodes.Ldind_U1);
                break;
            case IrType.I16:
                _il.Emit(OpCodes.Ldind_I2);
                break;
            case IrType.U16:
                _il.Emit(OpCodes.Ldind_U2);
                break;
            case IrType.I32 or IrType.U32:
                _il.Emit(OpCodes.Ldind_I4);
                break;
            case IrType.F32:
                _il.Emit(OpCodes.Ldind_R4);
                break;
            case IrType.F64:
                _il.Emit(OpCodes.Ldind_R8);
                break;
            case IrType.F16:
                _il.Emit(OpCodes.Ldind_U2);
                Call(typeof(CilConvert), nameof(CilConvert.HalfBitsToSingle));
                break;
            case IrType.BF16:
                _il.Emit(OpCodes.Ldind_U2);
                Call(typeof(CilConvert), nameof(CilConvert.BFloat16BitsToSingle));
                break;
            default:
                _il.Emit(OpCodes.Ldind_I8);
                break;
        }
    }

    private void EmitStore(IrType type, bool isVolatile)
    {
        if (type == IrType.F16) Call(typeof(CilConvert), nameof(CilConvert.SingleToHalfBits));
        if (type == IrType.BF16) Call(typeof(CilConvert), nameof(CilConvert.SingleToBFloat16Bits));
        if (isVolatile) _il.Emit(OpCodes.Volatile);
        _il.Emit(type switch
        {
            IrType.F32 => OpCodes.Stind_R4,
            IrType.F64 => OpCodes.Stind_R8,
            _ => type.Size() switch { 1 => OpCodes.Stind_I1, 2 => OpCodes.Stind_I2, 4 => OpCodes.Stind_I4, _ => OpCodes.Stind_I8 },
        });
    }
}
