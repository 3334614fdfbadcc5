using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Semantics.Builtins;

/// <summary>Scalar functions of cuda_fp16.h and cuda_bf16.h.</summary>
internal static class HalfFunctions
{
    public static void AddTo(Scope scope)
    {
        foreach (var type in new CudaType[] { ScalarType.Half, ScalarType.BFloat16 })
        {
            AddConversions(scope, type, type == ScalarType.Half ? "half" : "bfloat16");
            AddArithmetic(scope, type);
        }
    }

    private static void AddConversions(Scope scope, CudaType type, string name)
    {
        void Convert(string spelled, CudaType from, CudaType to) => scope.Add(spelled, to, [from], c => new ScalarValue(to, IrBuilder.Convert(to.Ir, c[0])));
        Convert("__float2" + name, ScalarType.Float, type);
        Convert("__float2" + name + "_rn", ScalarType.Float, type);
        Convert("__double2" + name, ScalarType.Double, type);
        Convert($"__{name}2float", type, ScalarType.Float);
        Convert($"__int2{name}_rn", ScalarType.Int, type);
        Convert($"__uint2{name}_rn", ScalarType.UInt, type);
        Convert($"__{name}2int_rz", type, ScalarType.Int);
        scope.Add($"__{name}2int_rn", ScalarType.Int, [type], c => new ScalarValue(ScalarType.Int, IrBuilder.Convert(IrType.I32, IrBuilder.Intrinsic(IrIntrinsic.Rint, IrType.F32, IrBuilder.Convert(IrType.F32, c[0])))));
        void Bits(string spelled, CudaType from, CudaType to) => scope.Add(spelled, to, [from], c => new ScalarValue(to, IrBuilder.Bitcast(to.Ir, c[0])));
        Bits($"__{name}_as_short", type, ScalarType.Short);
        Bits($"__{name}_as_ushort", type, ScalarType.UShort);
        Bits($"__short_as_{name}", ScalarType.Short, type);
        Bits($"__ushort_as_{name}", ScalarType.UShort, type);
    }

    private static void AddArithmetic(Scope scope, CudaType type)
    {
        void Binary(string name, IrBinaryOp op, CudaType result) => scope.Add(name, result, [type, type], c => new ScalarValue(result, IrBuilder.Binary(op, c[0], c[1], c.Span)));
        Binary("__hadd", IrBinaryOp.Add, type);
        Binary("__hsub", IrBinaryOp.Subtract, type);
        Binary("__hmul", IrBinaryOp.Multiply, type);
        Binary("__hdiv", IrBinaryOp.Divide, type);
        Binary("__heq", IrBinaryOp.Equal, ScalarType.Bool);
        Binary("__hne", IrBinaryOp.NotEqual, ScalarType.Bool);
        Binary("__hlt", IrBinaryOp.Less, ScalarType.Bool);
        Binary("__hle", IrBinaryOp.LessOrEqual, ScalarType.Bool);
        Binary("__hgt", IrBinaryOp.Greater, ScalarType.Bool);
        Binary("__hge", IrBinaryOp.GreaterOrEqual, ScalarType.Bool);
        scope.Add("__hneg", type, [type], c => new ScalarValue(type, IrBuilder.Unary(IrUnaryOp.Negate, c[0])));
        // Computed in float and rounded once; the fused product of two halves is exact in double.
        IrExpression Wide(IrExpression e) => IrBuilder.Convert(IrType.F32, e);
        ScalarValue Narrow(IrExpression e) => new(type, IrBuilder.Convert(type.Ir, e));
        scope.Add("__hfma", type, [type, type, type], c => Narrow(IrBuilder.Intrinsic(IrIntrinsic.Fma, IrType.F64, IrBuilder.Convert(IrType.F64, c[0]), IrBuilder.Convert(IrType.F64, c[1]), IrBuilder.Convert(IrType.F64, c[2]))));
        scope.Add("__habs", type, [type], c => Narrow(IrBuilder.Intrinsic(IrIntrinsic.Abs, IrType.F32, Wide(c[0]))));
        scope.Add("__hisnan", ScalarType.Bool, [type], c => new ScalarValue(ScalarType.Bool, IrBuilder.Intrinsic(IrIntrinsic.IsNan, IrType.Bool, Wide(c[0]))));
        scope.Add("__hmin", type, [type, type], c => Narrow(IrBuilder.Intrinsic(IrIntrinsic.Min, IrType.F32, Wide(c[0]), Wide(c[1]))));
        scope.Add("__hmax", type, [type, type], c => Narrow(IrBuilder.Intrinsic(IrIntrinsic.Max, IrType.F32, Wide(c[0]), Wide(c[1]))));
        (string Name, IrIntrinsic Intrinsic)[] functions =
        [
            ("hsqrt", IrIntrinsic.Sqrt), ("hrsqrt", IrIntrinsic.Rsqrt), ("hexp", IrIntrinsic.Exp), ("hexp2", IrIntrinsic.Exp2), ("hexp10", IrIntrinsic.Exp10), ("hlog", IrIntrinsic.Log),
            ("hlog2", IrIntrinsic.Log2), ("hlog10", IrIntrinsic.Log10), ("hsin", IrIntrinsic.Sin), ("hcos", IrIntrinsic.Cos), ("htanh", IrIntrinsic.Tanh), ("hfloor", IrIntrinsic.Floor),
            ("hceil", IrIntrinsic.Ceil), ("hrint", IrIntrinsic.Rint), ("htrunc", IrIntrinsic.Trunc),
        ];
        foreach (var (name, intrinsic) in functions) scope.Add(name, type, [type], c => Narrow(IrBuilder.Intrinsic(intrinsic, IrType.F32, Wide(c[0]))));
        scope.Add("hrcp", type, [type], c => Narrow(IrBuilder.Binary(IrBinaryOp.Divide, IrBuilder.Float(IrType.F32, 1), Wide(c[0]))));
    }
}
