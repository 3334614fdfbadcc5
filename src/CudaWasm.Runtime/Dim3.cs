using System.Globalization;
using System.Runtime.CompilerServices;

namespace CudaWasm.Runtime;

/// <summary>Sizes or an index in three dimensions, as CUDA's dim3.</summary>
public readonly record struct Dim3(long X, long Y = 1, long Z = 1)
{
    public long Count => X * Y * Z;

    /// <summary>The index with the linear number in a space of these sizes; x runs fastest.</summary>
    public Dim3 IndexOf(long linear) => new(linear % X, linear / X % Y, linear / (X * Y));

    /// <summary>The index so many after another, of which none but the last may begin a new row; without the divisions of <see cref="IndexOf"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Dim3 Next(Dim3 index, long count)
    {
        if (index.X + count < X) return index with { X = index.X + count };
        return index.Y + 1 < Y ? new Dim3(0, index.Y + 1, index.Z) : new Dim3(0, 0, index.Z + 1);
    }

    public static implicit operator Dim3(int x) => new(x);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"({X},{Y},{Z})");
}
