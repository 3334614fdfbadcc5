namespace CudaWasm.Compiler.IR;

/// <summary>
/// The pure functions a target must offer. Names and meaning are those of the CUDA math API; where not said otherwise the
/// arguments and the result have the call's type, which is F32 or F64 for the first group.
/// </summary>
public enum IrIntrinsic
{
    // Floating point, one argument.
    Sqrt, Rsqrt, Cbrt, Rcbrt, Exp, Exp2, Exp10, Expm1, Log, Log2, Log10, Log1p,
    Sin, Cos, Tan, Asin, Acos, Atan, Sinh, Cosh, Tanh, Asinh, Acosh, Atanh, Sinpi, Cospi,
    Erf, Erfc, Erfinv, Erfcinv, Erfcx, Normcdf, Normcdfinv, Tgamma, Lgamma, J0, J1, Y0, Y1, CylBesselI0, CylBesselI1,
    Floor, Ceil, Trunc, Round,

    /// <summary>To the nearest integer, halves to even.</summary>
    Rint,

    /// <summary>Absolute value; also of signed integers.</summary>
    Abs,
    Logb,

    // Fast versions: may be the exact one.
    FastExp, FastExp10, FastLog, FastLog2, FastLog10, FastSin, FastCos, FastTan,

    /// <summary>Clamped to 0..1, NaN gives 0.</summary>
    Saturate,

    // Floating point, two arguments.
    Pow, FastPow, Atan2, Fmod, Remainder, Hypot, Rhypot, CopySign, Dim, NextAfter, FastDivide,

    /// <summary>Smaller of two; for floats the one that is not NaN. Also of integers.</summary>
    Min,

    /// <summary>Larger of two; for floats the one that is not NaN. Also of integers.</summary>
    Max,

    /// <summary>(F, I32): first * 2^second.</summary>
    Ldexp,

    /// <summary>(I32 order, F): Bessel functions.</summary>
    Jn, Yn,

    // Floating point, three arguments.
    Fma,

    // Directed rounding of + - * / sqrt fma: the mode is part of the name as in __fadd_rz. Two arguments but for sqrt (1) and fma (3).
    AddRz, AddRu, AddRd, SubRz, SubRu, SubRd, MulRz, MulRu, MulRd, DivRz, DivRu, DivRd, SqrtRz, SqrtRu, SqrtRd, FmaRz, FmaRu, FmaRd,

    // I32 from a floating argument.
    Ilogb,

    // Floating predicates: Bool result.
    IsNan, IsInf, IsFinite, SignBit,

    // Integers; the argument's width decides, the result is I32 for counts.
    PopCount, Clz, Ffs, BitReverse,

    /// <summary>Upper half of the full product, signed or unsigned as the type says.</summary>
    MulHigh,

    /// <summary>Lower 32 bits of the product of the lower 24 bits.</summary>
    Mul24,

    /// <summary>Upper 32 bits of the 48-bit product of the lower 24 bits.</summary>
    Mul24High,

    /// <summary>(x, y, s) on U32: bytes picked by four selector nibbles.</summary>
    BytePerm,

    /// <summary>(lo, hi, shift) on U32: upper word of hi:lo shifted left, shift taken modulo 32.</summary>
    FunnelShiftLeft,
    FunnelShiftLeftClamp,

    /// <summary>(lo, hi, shift) on U32: lower word of hi:lo shifted right, shift taken modulo 32.</summary>
    FunnelShiftRight,
    FunnelShiftRightClamp,

    /// <summary>(a, b, c): |a - b| + c, result U32.</summary>
    Sad,

    /// <summary>Averages: rounded towards plus (Rhadd) or down (Hadd).</summary>
    Hadd, Rhadd,

    /// <summary>(a, b, c) of four packed bytes: dot product added to c. I32 or U32.</summary>
    Dp4a,

    /// <summary>(value, position, length) bit field extract, as PTX bfe.</summary>
    BitFieldExtract,

    /// <summary>(value, insert, position, length) bit field insert, as PTX bfi.</summary>
    BitFieldInsert,

    /// <summary>SIMD video instructions on packed bytes and halves, chosen by the first argument, a constant of <see cref="IrVideoOp"/>; (op, a, b) on U32.</summary>
    Video,
}

/// <summary>The packed operations of <see cref="IrIntrinsic.Video"/>: 4 bytes or 2 halves in a U32.</summary>
public enum IrVideoOp
{
    Add4, Sub4, Avg4U, AbsDiff4U, AbsDiff4S, Max4U, Max4S, Min4U, Min4S, CmpEq4, CmpGtU4, CmpLtU4, SadU4, AddUs4, SubUs4,
    Add2, Sub2, Max2U, Max2S, Min2U, Min2S, AbsDiff2U,
}
