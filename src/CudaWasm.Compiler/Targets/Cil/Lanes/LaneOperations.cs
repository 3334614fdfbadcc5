using System.Reflection;
using System.Runtime.Intrinsics.X86;
using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Targets.Cil;

/// <summary>Which operations have vector code. The others run lane by lane.</summary>
internal static class LaneOperations
{
    /// <summary>Whether an expression's own operation has vector code; its operands are asked for themselves.</summary>
    public static bool Has(IrExpression e, LaneAnalysis lanes, VectorIsa isa) => e switch
    {
        IrSlotRead or IrBuiltinRead or IrAddress or IrConditional => true,
        // 16-bit floats are rounded after each operation.
        IrUnary => e.Type is not (IrType.F16 or IrType.BF16) || ((IrUnary)e).Op == IrUnaryOp.Negate,
        IrBinary { Op: >= IrBinaryOp.Equal } => true,
        IrBinary { Op: IrBinaryOp.ShiftLeft or IrBinaryOp.ShiftRight } b => lanes.Shape(b.Right).IsUniform || (e.Type.Size() <= 4 && VariableShift("ShiftLeftLogicalVariable", isa) is not null),
        IrBinary { Op: IrBinaryOp.Remainder } => false,
        IrBinary { Op: IrBinaryOp.Divide } => e.Type is IrType.F32 or IrType.F64,
        IrBinary => e.Type is not (IrType.F16 or IrType.BF16),
        IrConvert c => HasConvert(c.Operand.Type, c.Type),
        IrBitcast b => b.Type is not (IrType.F16 or IrType.BF16) && b.Operand.Type is not (IrType.F16 or IrType.BF16),
        IrIntrinsicCall { Type: IrType.F16 or IrType.BF16 } => false,
        IrIntrinsicCall c => HasIntrinsic(c),
        _ => false,
    };

    /// <summary>The library's name of an intrinsic; null where it has none.</summary>
    public static string? Method(IrIntrinsicCall call) => call.Intrinsic switch
    {
        IrIntrinsic.Sqrt => "Sqrt",
        IrIntrinsic.Abs => "Abs",
        IrIntrinsic.Floor => "Floor",
        IrIntrinsic.Ceil => "Ceiling",
        IrIntrinsic.Trunc => "Truncate",
        IrIntrinsic.Rint => "Round",
        IrIntrinsic.CopySign => "CopySign",
        IrIntrinsic.FastDivide => "Divide",
        IrIntrinsic.Exp or IrIntrinsic.FastExp => "Exp",
        IrIntrinsic.Log or IrIntrinsic.FastLog => "Log",
        IrIntrinsic.Log2 or IrIntrinsic.FastLog2 => "Log2",
        IrIntrinsic.Sin or IrIntrinsic.FastSin => "Sin",
        IrIntrinsic.Cos or IrIntrinsic.FastCos => "Cos",
        // Of a number and NaN the number.
        IrIntrinsic.Min => call.Type.IsFloat() ? "MinNumber" : "Min",
        IrIntrinsic.Max => call.Type.IsFloat() ? "MaxNumber" : "Max",
        _ => null,
    };

    /// <summary>Shifts of 32-bit lanes by a count of their own; null where the processor has none.</summary>
    public static MethodInfo? VariableShift(string name, VectorIsa isa)
    {
        var host = isa.Bits switch
        {
            512 when Avx512F.IsSupported => typeof(Avx512F),
            <= 256 when Avx2.IsSupported => typeof(Avx2),
            _ => null,
        };
        return host?.GetMethod(name, [isa.Vector(typeof(int)), isa.Vector(typeof(uint))]);
    }

    private static bool HasConvert(IrType from, IrType to)
    {
        if (to is IrType.F16 or IrType.BF16 || (from is IrType.F16 or IrType.BF16 && !to.IsFloat())) return to == from;
        // One rounding only.
        if (to == IrType.F32 && from is IrType.I64 or IrType.U64 or IrType.Pointer) return false;
        return to is not (IrType.U64 or IrType.Pointer) || !from.IsFloat();
    }

    private static bool HasIntrinsic(IrIntrinsicCall call)
    {
        var type = call.Arguments[0].Type;
        return call.Intrinsic switch
        {
            IrIntrinsic.Rsqrt or IrIntrinsic.Saturate or IrIntrinsic.Fma => call.Type is IrType.F32 or IrType.F64,
            IrIntrinsic.IsNan or IrIntrinsic.IsInf or IrIntrinsic.IsFinite => type == IrType.F32,
            IrIntrinsic.Abs => type is IrType.F32 or IrType.F64 or IrType.I32 or IrType.I64,
            IrIntrinsic.Min or IrIntrinsic.Max => type is not (IrType.F16 or IrType.BF16 or IrType.Bool),
            _ => Method(call) is not null && type is IrType.F32 or IrType.F64,
        };
    }
}

/// <summary>Thread indices of a block by linear thread, for blocks whose rows are not whole vectors.</summary>
internal sealed unsafe class LaneTables
{
    private readonly int* _table;
    private readonly int _padded;

    public LaneTables(LaneBlock block)
    {
        _padded = LaneBlock.Padded(block.Threads);
        _table = (int*)System.Runtime.InteropServices.NativeMemory.AllocZeroed((nuint)_padded * 3, sizeof(int));
        for (var thread = 0; thread < block.Threads; thread++)
        {
            _table[thread] = thread % block.X;
            _table[_padded + thread] = thread / block.X % block.Y;
            _table[(2 * _padded) + thread] = thread / (block.X * block.Y);
        }
    }

    ~LaneTables() => System.Runtime.InteropServices.NativeMemory.Free(_table);

    public nint Of(IrBuiltin builtin) => (nint)(_table + (_padded * (builtin - IrBuiltin.ThreadIdxX)));
}
