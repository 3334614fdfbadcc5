namespace CudaWasm.Compiler.Targets.Cil;

/// <summary>How the values of consecutive lanes (threads of one vector) relate.</summary>
/// <param name="Stride">Each lane's value less the one before it: 0 is uniform; null where lanes have values of their own.</param>
/// <param name="Align">A power of two, at most the number of lanes, that divides the first lane's value.</param>
/// <param name="Max">All values are from 0 to here, below 2^31; negative where that is not known.</param>
internal readonly record struct LaneShape(long? Stride, int Align = 1, long Max = -1)
{
    public static LaneShape Uniform { get; } = new(0);

    public static LaneShape Varying { get; } = new(null);

    public bool IsUniform => Stride == 0;

    /// <summary>The first lane's value tells all lanes' values.</summary>
    public bool IsAffine => Stride is not null;

    public bool IsVarying => Stride is null;

    /// <summary>Signs and widths make no difference.</summary>
    public bool IsSmall => Max >= 0;

    /// <summary>A bound that is one, or none.</summary>
    public static long Limit(long max) => max is >= 0 and <= int.MaxValue ? max : -1;

    /// <summary>What holds for a slot that gets values of both shapes.</summary>
    public LaneShape Join(LaneShape other) =>
        Stride is { } stride && other.Stride == stride ? new(stride, Math.Min(Align, other.Align), IsSmall && other.IsSmall && other.Max <= Max ? Max : -1) : Varying;
}

/// <summary>Threads of a block as lanes of vectors: what code is made for.</summary>
/// <param name="Bits">Size of a vector register: 128, 256 or 512.</param>
/// <param name="X">blockDim.x.</param>
/// <param name="Y">blockDim.y.</param>
/// <param name="Z">blockDim.z.</param>
/// <param name="IsLarge">gridDim times blockDim may exceed 2^31 in a dimension, so that global thread indices may be negative as int.</param>
/// <param name="Registers">Registers that a value of 32 bits takes. More than one hide latencies, and share what is uniform.</param>
internal readonly record struct LaneBlock(int Bits, int X, int Y, int Z, bool IsLarge = false, int Registers = 1)
{
    /// <summary>Threads that one run of the code stands for: as many as the registers have 32-bit elements.</summary>
    public int Lanes => Bits / 32 * Registers;

    public int Threads => X * Y * Z;

    /// <summary>The block can be run with so many registers a value: they stay full, and no row of threads is cut that is not cut now.</summary>
    public bool Fits(int registers)
    {
        var wide = this with { Registers = registers };
        return wide.Lanes <= LaneMemory.MaxLanes && !wide.HasTail && wide.IsRow;
    }

    /// <summary>The lanes are neighbours in x, and have y and z in common.</summary>
    public bool IsRow => Threads == X || X % Lanes == 0;

    /// <summary>The last vector has lanes without a thread.</summary>
    public bool HasTail => Threads % Lanes != 0;

    /// <summary>Threads rounded up to whole vectors of any width.</summary>
    public static int Padded(int threads) => (threads + 15) & ~15;
}
