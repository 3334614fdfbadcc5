using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Semantics.Builtins;

/// <summary>The CUDA math API for float and double. Each name has overloads for both; the one with f is for float alone.</summary>
internal static class MathFunctions
{
    private static readonly CudaType Float = ScalarType.Float;
    private static readonly CudaType Double = ScalarType.Double;
    private static readonly CudaType Int = ScalarType.Int;

    private static readonly (string Name, IrIntrinsic Intrinsic)[] OneArgument =
    [
        ("sqrt", IrIntrinsic.Sqrt), ("rsqrt", IrIntrinsic.Rsqrt), ("cbrt", IrIntrinsic.Cbrt), ("rcbrt", IrIntrinsic.Rcbrt), ("exp", IrIntrinsic.Exp),
        ("exp2", IrIntrinsic.Exp2), ("exp10", IrIntrinsic.Exp10), ("expm1", IrIntrinsic.Expm1), ("log", IrIntrinsic.Log), ("log2", IrIntrinsic.Log2),
        ("log10", IrIntrinsic.Log10), ("log1p", IrIntrinsic.Log1p), ("sin", IrIntrinsic.Sin), ("cos", IrIntrinsic.Cos), ("tan", IrIntrinsic.Tan),
        ("asin", IrIntrinsic.Asin), ("acos", IrIntrinsic.Acos), ("atan", IrIntrinsic.Atan), ("sinh", IrIntrinsic.Sinh), ("cosh", IrIntrinsic.Cosh),
        ("tanh", IrIntrinsic.Tanh), ("asinh", IrIntrinsic.Asinh), ("acosh", IrIntrinsic.Acosh), ("atanh", IrIntrinsic.Atanh), ("sinpi", IrIntrinsic.Sinpi),
        ("cospi", IrIntrinsic.Cospi), ("erf", IrIntrinsic.Erf), ("erfc", IrIntrinsic.Erfc), ("erfinv", IrIntrinsic.Erfinv), ("erfcinv", IrIntrinsic.Erfcinv),
        ("erfcx", IrIntrinsic.Erfcx), ("normcdf", IrIntrinsic.Normcdf), ("normcdfinv", IrIntrinsic.Normcdfinv), ("tgamma", IrIntrinsic.Tgamma),
        ("lgamma", IrIntrinsic.Lgamma), ("j0", IrIntrinsic.J0), ("j1", IrIntrinsic.J1), ("y0", IrIntrinsic.Y0), ("y1", IrIntrinsic.Y1),
        ("cyl_bessel_i0", IrIntrinsic.CylBesselI0), ("cyl_bessel_i1", IrIntrinsic.CylBesselI1), ("floor", IrIntrinsic.Floor), ("ceil", IrIntrinsic.Ceil),
        ("trunc", IrIntrinsic.Trunc), ("round", IrIntrinsic.Round), ("rint", IrIntrinsic.Rint), ("nearbyint", IrIntrinsic.Rint), ("fabs", IrIntrinsic.Abs),
        ("logb", IrIntrinsic.Logb),
    ];

    private static readonly (string Name, IrIntrinsic Intrinsic)[] TwoArguments =
    [
        ("pow", IrIntrinsic.Pow), ("atan2", IrIntrinsic.Atan2), ("fmod", IrIntrinsic.Fmod), ("remainder", IrIntrinsic.Remainder), ("hypot", IrIntrinsic.Hypot),
        ("rhypot", IrIntrinsic.Rhypot), ("copysign", IrIntrinsic.CopySign), ("fdim", IrIntrinsic.Dim), ("nextafter", IrIntrinsic.NextAfter),
        ("fmin", IrIntrinsic.Min), ("fmax", IrIntrinsic.Max),
    ];

    private static readonly (string Name, IrIntrinsic Intrinsic)[] FastFloat =
    [
        ("__expf", IrIntrinsic.FastExp), ("__exp10f", IrIntrinsic.FastExp10), ("__logf", IrIntrinsic.FastLog), ("__log2f", IrIntrinsic.FastLog2),
        ("__log10f", IrIntrinsic.FastLog10), ("__sinf", IrIntrinsic.FastSin), ("__cosf", IrIntrinsic.FastCos), ("__tanf", IrIntrinsic.FastTan),
        ("__tanhf", IrIntrinsic.Tanh), ("__saturatef", IrIntrinsic.Saturate), ("__frsqrt_rn", IrIntrinsic.Rsqrt),
    ];

    public static void AddTo(Scope scope)
    {
        foreach (var (name, intrinsic) in OneArgument) AddReal(scope, name, 1, intrinsic);
        foreach (var (name, intrinsic) in TwoArguments) AddReal(scope, name, 2, intrinsic);
        AddReal(scope, "fma", 3, IrIntrinsic.Fma);
        foreach (var (name, intrinsic) in FastFloat) scope.Add(name, Float, [Float], c => Call(c, intrinsic, Float));
        scope.Add("__powf", Float, [Float, Float], c => Call(c, IrIntrinsic.FastPow, Float));
        scope.Add("__fdividef", Float, [Float, Float], c => Call(c, IrIntrinsic.FastDivide, Float));
        scope.Add("fdividef", Float, [Float, Float], c => Call(c, IrIntrinsic.FastDivide, Float));
        // The text picks one NaN among many, of which the device knows one.
        foreach (var type in new[] { Float, Double }) scope.Add(type == Float ? "nanf" : "nan", type, [ScalarType.Char.Const.Pointer], _ => new ScalarValue(type, IrBuilder.Float(type.Ir, double.NaN)));
        // A power with an integer among its arguments is computed in double, as in C++.
        foreach (var other in new CudaType[] { Float, Double, Int })
        {
            scope.Add("pow", Double, [other, Int], c => Value(Double, IrIntrinsic.Pow, c.As(0, Double), c.As(1, Double)));
            if (other != Int) scope.Add("pow", Double, [Int, other], c => Value(Double, IrIntrinsic.Pow, c.As(0, Double), c.As(1, Double)));
        }

        foreach (var type in new[] { Float, Double })
        {
            var f = type == Float ? "f" : "";
            foreach (var name in Names("ldexp", type).Concat(Names("scalbn", type)).Concat(Names("scalbln", type)))
            {
                scope.Add(name, type, [type, Int], c => Value(type, IrIntrinsic.Ldexp, c[0], c[1]));
            }

            scope.Add("jn" + f, type, [Int, type], c => Value(type, IrIntrinsic.Jn, c[0], c[1]));
            scope.Add("yn" + f, type, [Int, type], c => Value(type, IrIntrinsic.Yn, c[0], c[1]));
            foreach (var name in Names("ilogb", type)) scope.Add(name, Int, [type], c => Value(Int, IrIntrinsic.Ilogb, c[0]));
            foreach (var name in Names("lrint", type)) scope.Add(name, ScalarType.Long, [type], c => Rounded(ScalarType.Long, IrIntrinsic.Rint, c[0]));
            foreach (var name in Names("lround", type)) scope.Add(name, ScalarType.Long, [type], c => Rounded(ScalarType.Long, IrIntrinsic.Round, c[0]));
            foreach (var name in Names("llrint", type)) scope.Add(name, ScalarType.LongLong, [type], c => Rounded(ScalarType.LongLong, IrIntrinsic.Rint, c[0]));
            foreach (var name in Names("llround", type)) scope.Add(name, ScalarType.LongLong, [type], c => Rounded(ScalarType.LongLong, IrIntrinsic.Round, c[0]));
            AddPredicates(scope, type);
            AddRounded(scope, type);
            AddWithPointers(scope, type);
        }

        AddMinMax(scope);
        AddConversions(scope);
    }

    /// <summary>Overloads for float and double of a name, and the name with f for float.</summary>
    private static void AddReal(Scope scope, string name, int count, IrIntrinsic intrinsic)
    {
        foreach (var type in new[] { Float, Double })
        {
            foreach (var spelled in Names(name, type)) scope.Add(spelled, type, [.. Enumerable.Repeat(type, count)], c => Call(c, intrinsic, type));
        }
    }

    private static string[] Names(string name, CudaType type) => type == Float ? [name, name + "f"] : [name];

    private static ScalarValue Call(BuiltinCall call, IrIntrinsic intrinsic, CudaType type) =>
        new(type, IrBuilder.Intrinsic(intrinsic, type.Ir, [.. Enumerable.Range(0, call.Count).Select(i => call[i])]));

    private static ScalarValue Value(CudaType type, IrIntrinsic intrinsic, params IReadOnlyList<IrExpression> arguments) => new(type, IrBuilder.Intrinsic(intrinsic, type.Ir, arguments));

    private static void AddPredicates(Scope scope, CudaType type)
    {
        void Add(string name, IrIntrinsic intrinsic)
        {
            scope.Add(name, ScalarType.Bool, [type], c => Value(ScalarType.Bool, intrinsic, c[0]));
        }

        foreach (var name in new[] { "isnan", "__isnan" }) Add(type == Float && name[0] == '_' ? name + "f" : name, IrIntrinsic.IsNan);
        foreach (var name in new[] { "isinf", "__isinf" }) Add(type == Float && name[0] == '_' ? name + "f" : name, IrIntrinsic.IsInf);
        Add("isfinite", IrIntrinsic.IsFinite);
        Add(type == Float ? "finitef" : "finite", IrIntrinsic.IsFinite);
        Add(type == Float ? "__finitef" : "__finite", IrIntrinsic.IsFinite);
        Add("signbit", IrIntrinsic.SignBit);
    }

    /// <summary>__fadd_rz and its kin. Rounding to nearest is what the plain operators do.</summary>
    private static void AddRounded(Scope scope, CudaType type)
    {
        var prefix = type == Float ? "__f" : "__d";
        (string Name, IrBinaryOp Op, IrIntrinsic First)[] operations =
            [("add", IrBinaryOp.Add, IrIntrinsic.AddRz), ("sub", IrBinaryOp.Subtract, IrIntrinsic.SubRz), ("mul", IrBinaryOp.Multiply, IrIntrinsic.MulRz), ("div", IrBinaryOp.Divide, IrIntrinsic.DivRz)];
        string[] modes = ["_rz", "_ru", "_rd"];
        foreach (var (name, op, first) in operations)
        {
            scope.Add(prefix + name + "_rn", type, [type, type], c => new ScalarValue(type, IrBuilder.Binary(op, c[0], c[1], c.Span)));
            for (var i = 0; i < modes.Length; i++)
            {
                var intrinsic = first + i;
                scope.Add(prefix + name + modes[i], type, [type, type], c => Call(c, intrinsic, type));
            }
        }

        scope.Add(prefix + "sqrt_rn", type, [type], c => Call(c, IrIntrinsic.Sqrt, type));
        scope.Add(prefix + "rcp_rn", type, [type], c => new ScalarValue(type, IrBuilder.Binary(IrBinaryOp.Divide, IrBuilder.Float(type.Ir, 1), c[0], c.Span)));
        var fma = type == Float ? "__fmaf" : "__fma";
        scope.Add(fma + "_rn", type, [type, type, type], c => Call(c, IrIntrinsic.Fma, type));
        for (var i = 0; i < modes.Length; i++)
        {
            var (sqrt, divide, fused) = (IrIntrinsic.SqrtRz + i, IrIntrinsic.DivRz + i, IrIntrinsic.FmaRz + i);
            scope.Add(prefix + "sqrt" + modes[i], type, [type], c => Call(c, sqrt, type));
            scope.Add(prefix + "rcp" + modes[i], type, [type], c => Value(type, divide, IrBuilder.Float(type.Ir, 1), c[0]));
            scope.Add(fma + modes[i], type, [type, type, type], c => Call(c, fused, type));
        }
    }

    /// <summary>Functions with a second result behind a pointer.</summary>
    private static void AddWithPointers(Scope scope, CudaType type)
    {
        void Store(BuiltinCall c, int pointer, CudaType element, IrExpression value) => c.Append(new IrStore(c[pointer], IrBuilder.Convert(element.Ir, value), false, c.Span));
        void AddPair(string name, IrIntrinsic sin, IrIntrinsic cos) => scope.Add(name, ScalarType.Void, [type, type.Pointer, type.Pointer], c =>
        {
            var x = c.Binder.Materialize(c[0]);
            Store(c, 1, type, IrBuilder.Intrinsic(sin, type.Ir, x));
            Store(c, 2, type, IrBuilder.Intrinsic(cos, type.Ir, x));
            return VoidValue.Instance;
        });
        foreach (var name in Names("sincos", type)) AddPair(name, IrIntrinsic.Sin, IrIntrinsic.Cos);
        foreach (var name in Names("sincospi", type)) AddPair(name, IrIntrinsic.Sinpi, IrIntrinsic.Cospi);
        if (type == Float) AddPair("__sincosf", IrIntrinsic.FastSin, IrIntrinsic.FastCos);
        foreach (var name in Names("modf", type))
        {
            scope.Add(name, type, [type, type.Pointer], c =>
            {
                var x = c.Binder.Materialize(c[0]);
                var whole = c.Binder.Materialize(IrBuilder.Intrinsic(IrIntrinsic.Trunc, type.Ir, x));
                Store(c, 1, type, whole);
                // The fraction keeps the sign; that of an infinity is zero.
                var fraction = IrBuilder.Conditional(IrBuilder.Intrinsic(IrIntrinsic.IsInf, IrType.Bool, x), IrBuilder.Zero(type.Ir), IrBuilder.Binary(IrBinaryOp.Subtract, x, whole));
                return Value(type, IrIntrinsic.CopySign, fraction, x);
            });
        }

        foreach (var name in Names("frexp", type))
        {
            scope.Add(name, type, [type, Int.Pointer], c =>
            {
                var x = c.Binder.Materialize(c[0]);
                var plain = IrBuilder.And(IrBuilder.Intrinsic(IrIntrinsic.IsFinite, IrType.Bool, x), IrBuilder.Binary(IrBinaryOp.NotEqual, x, IrBuilder.Zero(type.Ir)));
                var exponent = c.Binder.Materialize(IrBuilder.Conditional(plain, IrBuilder.Binary(IrBinaryOp.Add, IrBuilder.Intrinsic(IrIntrinsic.Ilogb, IrType.I32, x), IrBuilder.Int(1)), IrBuilder.Int(0)));
                Store(c, 1, Int, exponent);
                return Value(type, IrIntrinsic.Ldexp, x, IrBuilder.Unary(IrUnaryOp.Negate, exponent));
            });
        }
    }

    private static void AddMinMax(Scope scope)
    {
        CudaType[] types = [Int, ScalarType.UInt, ScalarType.Long, ScalarType.ULong, ScalarType.LongLong, ScalarType.ULongLong, Float, Double, ScalarType.Half, ScalarType.BFloat16];
        foreach (var type in types)
        {
            scope.Add("min", type, [type, type], c => Call(c, IrIntrinsic.Min, type));
            scope.Add("max", type, [type, type], c => Call(c, IrIntrinsic.Max, type));
        }

        scope.Add("umin", ScalarType.UInt, [ScalarType.UInt, ScalarType.UInt], c => Call(c, IrIntrinsic.Min, ScalarType.UInt));
        scope.Add("umax", ScalarType.UInt, [ScalarType.UInt, ScalarType.UInt], c => Call(c, IrIntrinsic.Max, ScalarType.UInt));
        scope.Add("llmin", ScalarType.LongLong, [ScalarType.LongLong, ScalarType.LongLong], c => Call(c, IrIntrinsic.Min, ScalarType.LongLong));
        scope.Add("llmax", ScalarType.LongLong, [ScalarType.LongLong, ScalarType.LongLong], c => Call(c, IrIntrinsic.Max, ScalarType.LongLong));
        scope.Add("ullmin", ScalarType.ULongLong, [ScalarType.ULongLong, ScalarType.ULongLong], c => Call(c, IrIntrinsic.Min, ScalarType.ULongLong));
        scope.Add("ullmax", ScalarType.ULongLong, [ScalarType.ULongLong, ScalarType.ULongLong], c => Call(c, IrIntrinsic.Max, ScalarType.ULongLong));
        foreach (var type in new CudaType[] { Int, ScalarType.Long, ScalarType.LongLong, Float, Double }) scope.Add("abs", type, [type], c => Call(c, IrIntrinsic.Abs, type));
        scope.Add("labs", ScalarType.Long, [ScalarType.Long], c => Call(c, IrIntrinsic.Abs, ScalarType.Long));
        scope.Add("llabs", ScalarType.LongLong, [ScalarType.LongLong], c => Call(c, IrIntrinsic.Abs, ScalarType.LongLong));
    }

    /// <summary>A float rounded to a whole number, as an integer; what does not fit gives the nearest integer, NaN gives 0.</summary>
    private static ScalarValue Rounded(CudaType to, IrIntrinsic rounding, IrExpression x) => new(to, IrBuilder.Convert(to.Ir, IrBuilder.Intrinsic(rounding, x.Type, x)));

    private static ScalarValue Directed(IrExpression x, IrBinaryOp isWrong, double limit)
    {
        var nearest = IrBuilder.Convert(IrType.F32, x);
        var beyond = IrBuilder.Binary(isWrong, IrBuilder.Convert(IrType.F64, nearest), IrBuilder.Convert(IrType.F64, x));
        return new ScalarValue(Float, IrBuilder.Conditional(beyond, IrBuilder.Intrinsic(IrIntrinsic.NextAfter, IrType.F32, nearest, IrBuilder.Float(IrType.F32, limit)), nearest));
    }

    private static ScalarValue TowardsZero(IrExpression x)
    {
        var isNegative = IrBuilder.Binary(IrBinaryOp.Less, IrBuilder.Convert(IrType.F64, x), IrBuilder.Float(IrType.F64, 0));
        return new ScalarValue(Float, IrBuilder.Conditional(isNegative, Directed(x, IrBinaryOp.Less, double.PositiveInfinity).Expression, Directed(x, IrBinaryOp.Greater, double.NegativeInfinity).Expression));
    }

    /// <summary>__float2int_rn and its kin, and the bit casts.</summary>
    private static void AddConversions(Scope scope)
    {
        (string Name, CudaType Type)[] reals = [("float", Float), ("double", Double)];
        (string Name, CudaType Type)[] integers = [("int", Int), ("uint", ScalarType.UInt), ("ll", ScalarType.LongLong), ("ull", ScalarType.ULongLong)];
        (string Mode, IrIntrinsic Intrinsic)[] modes = [("_rn", IrIntrinsic.Rint), ("_rd", IrIntrinsic.Floor), ("_ru", IrIntrinsic.Ceil), ("_rz", IrIntrinsic.Trunc)];
        foreach (var (real, from) in reals)
        {
            foreach (var (integer, to) in integers)
            {
                foreach (var (mode, intrinsic) in modes) scope.Add($"__{real}2{integer}{mode}", to, [from], c => Rounded(to, intrinsic, c[0]));
                scope.Add($"__{integer}2{real}_rn", from, [to], c => new ScalarValue(from, IrBuilder.Convert(from.Ir, c[0])));
            }
        }

        // A double holds every int; where rounding to the nearest float went the wrong way, the neighbour is right.
        foreach (var (name, from) in new[] { ("int", (CudaType)Int), ("uint", ScalarType.UInt), ("double", Double) })
        {
            scope.Add($"__{name}2float_rd", Float, [from], c => Directed(c[0], IrBinaryOp.Greater, double.NegativeInfinity));
            scope.Add($"__{name}2float_ru", Float, [from], c => Directed(c[0], IrBinaryOp.Less, double.PositiveInfinity));
            scope.Add($"__{name}2float_rz", Float, [from], c => TowardsZero(c[0]));
        }

        foreach (var (integer, from) in integers.Take(2))
        {
            foreach (var mode in new[] { "_rd", "_ru", "_rz" }) scope.Add($"__{integer}2double{mode}", Double, [from], c => new ScalarValue(Double, IrBuilder.Convert(IrType.F64, c[0])));
        }

        scope.Add("__double2float_rn", Float, [Double], c => new ScalarValue(Float, IrBuilder.Convert(IrType.F32, c[0])));
        void Cast(string name, CudaType from, CudaType to) => scope.Add(name, to, [from], c => new ScalarValue(to, IrBuilder.Bitcast(to.Ir, c[0])));
        Cast("__float_as_int", Float, Int);
        Cast("__float_as_uint", Float, ScalarType.UInt);
        Cast("__int_as_float", Int, Float);
        Cast("__uint_as_float", ScalarType.UInt, Float);
        Cast("__double_as_longlong", Double, ScalarType.LongLong);
        Cast("__longlong_as_double", ScalarType.LongLong, Double);
        IrExpression Bits(BuiltinCall c) => IrBuilder.Bitcast(IrType.I64, c[0]);
        scope.Add("__double2hiint", Int, [Double], c => new ScalarValue(Int, IrBuilder.Convert(IrType.I32, IrBuilder.Binary(IrBinaryOp.ShiftRight, Bits(c), IrBuilder.Int(32)))));
        scope.Add("__double2loint", Int, [Double], c => new ScalarValue(Int, IrBuilder.Convert(IrType.I32, Bits(c))));
        scope.Add("__hiloint2double", Double, [Int, Int], c =>
        {
            var high = IrBuilder.Binary(IrBinaryOp.ShiftLeft, IrBuilder.Convert(IrType.I64, c[0]), IrBuilder.Int(32));
            var low = IrBuilder.Convert(IrType.I64, IrBuilder.Convert(IrType.U32, c[1]));
            return new ScalarValue(Double, IrBuilder.Bitcast(IrType.F64, IrBuilder.Binary(IrBinaryOp.Or, high, low)));
        });
    }
}
