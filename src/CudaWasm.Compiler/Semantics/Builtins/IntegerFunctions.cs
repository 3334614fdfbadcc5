using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Semantics.Builtins;

/// <summary>The integer intrinsics of the CUDA math API.</summary>
internal static class IntegerFunctions
{
    private static readonly CudaType Int = ScalarType.Int;
    private static readonly CudaType UInt = ScalarType.UInt;
    private static readonly CudaType LongLong = ScalarType.LongLong;
    private static readonly CudaType ULongLong = ScalarType.ULongLong;

    public static void AddTo(Scope scope)
    {
        void Add(string name, CudaType result, CudaType[] parameters, IrIntrinsic intrinsic) =>
            scope.Add(name, result, parameters, c => new ScalarValue(result, IrBuilder.Intrinsic(intrinsic, result.Ir, [.. Enumerable.Range(0, parameters.Length).Select(i => c[i])])));
        Add("__popc", Int, [UInt], IrIntrinsic.PopCount);
        Add("__popcll", Int, [ULongLong], IrIntrinsic.PopCount);
        Add("__builtin_popcount", Int, [UInt], IrIntrinsic.PopCount);
        Add("__builtin_popcountll", Int, [ULongLong], IrIntrinsic.PopCount);
        Add("__clz", Int, [Int], IrIntrinsic.Clz);
        Add("__clzll", Int, [LongLong], IrIntrinsic.Clz);
        Add("__builtin_clz", Int, [UInt], IrIntrinsic.Clz);
        Add("__ffs", Int, [Int], IrIntrinsic.Ffs);
        Add("__ffsll", Int, [LongLong], IrIntrinsic.Ffs);
        Add("__brev", UInt, [UInt], IrIntrinsic.BitReverse);
        Add("__brevll", ULongLong, [ULongLong], IrIntrinsic.BitReverse);
        Add("__mulhi", Int, [Int, Int], IrIntrinsic.MulHigh);
        Add("__umulhi", UInt, [UInt, UInt], IrIntrinsic.MulHigh);
        Add("__mul64hi", LongLong, [LongLong, LongLong], IrIntrinsic.MulHigh);
        Add("__umul64hi", ULongLong, [ULongLong, ULongLong], IrIntrinsic.MulHigh);
        Add("__mul24", Int, [Int, Int], IrIntrinsic.Mul24);
        Add("__umul24", UInt, [UInt, UInt], IrIntrinsic.Mul24);
        Add("mul24", Int, [Int, Int], IrIntrinsic.Mul24);
        Add("umul24", UInt, [UInt, UInt], IrIntrinsic.Mul24);
        Add("__byte_perm", UInt, [UInt, UInt, UInt], IrIntrinsic.BytePerm);
        Add("__funnelshift_l", UInt, [UInt, UInt, UInt], IrIntrinsic.FunnelShiftLeft);
        Add("__funnelshift_lc", UInt, [UInt, UInt, UInt], IrIntrinsic.FunnelShiftLeftClamp);
        Add("__funnelshift_r", UInt, [UInt, UInt, UInt], IrIntrinsic.FunnelShiftRight);
        Add("__funnelshift_rc", UInt, [UInt, UInt, UInt], IrIntrinsic.FunnelShiftRightClamp);
        Add("__hadd", Int, [Int, Int], IrIntrinsic.Hadd);
        Add("__uhadd", UInt, [UInt, UInt], IrIntrinsic.Hadd);
        Add("__rhadd", Int, [Int, Int], IrIntrinsic.Rhadd);
        Add("__urhadd", UInt, [UInt, UInt], IrIntrinsic.Rhadd);
        Add("__dp4a", Int, [Int, Int, Int], IrIntrinsic.Dp4a);
        Add("__dp4a", UInt, [UInt, UInt, UInt], IrIntrinsic.Dp4a);
        scope.Add("__sad", UInt, [Int, Int, UInt], c => new ScalarValue(UInt, IrBuilder.Intrinsic(IrIntrinsic.Sad, IrType.U32, c[0], c[1], c[2])));
        scope.Add("__usad", UInt, [UInt, UInt, UInt], c => new ScalarValue(UInt, IrBuilder.Intrinsic(IrIntrinsic.Sad, IrType.U32, c[0], c[1], c[2])));
        AddVideo(scope);
    }

    private static void AddVideo(Scope scope)
    {
        (string Name, IrVideoOp Op)[] operations =
        [
            ("__vadd4", IrVideoOp.Add4), ("__vsub4", IrVideoOp.Sub4), ("__vavgu4", IrVideoOp.Avg4U), ("__vabsdiffu4", IrVideoOp.AbsDiff4U), ("__vabsdiffs4", IrVideoOp.AbsDiff4S),
            ("__vmaxu4", IrVideoOp.Max4U), ("__vmaxs4", IrVideoOp.Max4S), ("__vminu4", IrVideoOp.Min4U), ("__vmins4", IrVideoOp.Min4S), ("__vcmpeq4", IrVideoOp.CmpEq4),
            ("__vcmpgtu4", IrVideoOp.CmpGtU4), ("__vcmpltu4", IrVideoOp.CmpLtU4), ("__vsadu4", IrVideoOp.SadU4), ("__vaddus4", IrVideoOp.AddUs4), ("__vsubus4", IrVideoOp.SubUs4),
            ("__vadd2", IrVideoOp.Add2), ("__vsub2", IrVideoOp.Sub2), ("__vmaxu2", IrVideoOp.Max2U), ("__vmaxs2", IrVideoOp.Max2S), ("__vminu2", IrVideoOp.Min2U),
            ("__vmins2", IrVideoOp.Min2S), ("__vabsdiffu2", IrVideoOp.AbsDiff2U),
        ];
        foreach (var (name, op) in operations)
        {
            scope.Add(name, UInt, [UInt, UInt], c => new ScalarValue(UInt, IrBuilder.Intrinsic(IrIntrinsic.Video, IrType.U32, IrBuilder.Int((int)op), c[0], c[1])));
        }
    }
}
