using System.Runtime.InteropServices;

namespace CudaWasm.Benchmarks.Cases;

/// <summary>The first content of a buffer, of which each runner has a copy of its own.</summary>
internal sealed class HostBuffer(Array data)
{
    public Array Data { get; } = data;

    public ReadOnlySpan<byte> Bytes => MemoryMarshal.CreateReadOnlySpan(ref MemoryMarshal.GetArrayDataReference(Data), ByteLength);

    public int ByteLength { get; } = Buffer.ByteLength(data);

    public static HostBuffer Zeros<T>(int count)
        where T : unmanaged => new(new T[count]);
}

/// <summary>Inputs that are the same in every run.</summary>
internal static class Inputs
{
    public static HostBuffer Floats(int count, float from = 0, float to = 1, int seed = 1)
    {
        var random = new Random(seed);
        var data = new float[count];
        for (var i = 0; i < count; i++) data[i] = from + ((to - from) * random.NextSingle());
        return new HostBuffer(data);
    }

    public static HostBuffer Integers(int count, int seed = 2)
    {
        var data = new uint[count];
        new Random(seed).NextBytes(MemoryMarshal.AsBytes(data.AsSpan()));
        return new HostBuffer(data);
    }

    /// <summary>Bytes that crowd around the middle, as those of a picture do.</summary>
    public static HostBuffer Bytes(int count, int seed = 3)
    {
        var random = new Random(seed);
        var data = new byte[count];
        for (var i = 0; i < count; i++) data[i] = (byte)((random.Next(256) + random.Next(256)) / 2);
        return new HostBuffer(data);
    }

    /// <summary>A sparse matrix in compressed rows of 8 to 56 elements.</summary>
    public static (HostBuffer RowStarts, HostBuffer Columns, HostBuffer Values) SparseMatrix(int rows, int seed = 4)
    {
        var random = new Random(seed);
        var starts = new int[rows + 1];
        for (var i = 0; i < rows; i++) starts[i + 1] = starts[i] + random.Next(8, 57);
        var columns = new int[starts[rows]];
        for (var row = 0; row < rows; row++)
        {
            var part = columns.AsSpan(starts[row]..starts[row + 1]);
            foreach (ref var column in part) column = random.Next(rows);
            part.Sort();
        }

        return (new HostBuffer(starts), new HostBuffer(columns), Floats(columns.Length, -1, 1, seed));
    }
}
