using ILGPU;
using ILGPU.Runtime;

namespace CudaWasm.Benchmarks.Runners.Ilgpu;

/// <summary>Kernels of the cases for ILGPU, block for block and thread for thread as in their CUDA sources.</summary>
internal static class IlgpuKernels
{
    private const int Threads = 256;
    private const int Tile = 16;

    /// <summary>Launches a kernel with the case's arguments, in which a view of the device's memory is in each buffer's place.</summary>
    public delegate void Launch(KernelConfig configuration, IReadOnlyList<object> arguments);

    /// <summary>What loads the kernel of a case, by the case's name.</summary>
    public static IReadOnlyDictionary<string, Func<Accelerator, Launch>> Loaders { get; } = new Dictionary<string, Func<Accelerator, Launch>>
    {
        ["saxpy"] = accelerator =>
        {
            var kernel = accelerator.LoadStreamKernel<int, float, ArrayView<float>, ArrayView<float>>(Saxpy);
            return (c, a) => kernel(c, (int)a[0], (float)a[1], (ArrayView<float>)a[2], (ArrayView<float>)a[3]);
        },
        ["julia"] = accelerator =>
        {
            var kernel = accelerator.LoadStreamKernel<ArrayView<int>, int, int, int, float, float>(Julia);
            return (c, a) => kernel(c, (ArrayView<int>)a[0], (int)a[1], (int)a[2], (int)a[3], (float)a[4], (float)a[5]);
        },
        ["sgemm-naive"] = accelerator =>
        {
            var kernel = accelerator.LoadStreamKernel<int, int, int, float, ArrayView<float>, ArrayView<float>, float, ArrayView<float>>(SgemmNaive);
            return (c, a) => kernel(c, (int)a[0], (int)a[1], (int)a[2], (float)a[3], (ArrayView<float>)a[4], (ArrayView<float>)a[5], (float)a[6], (ArrayView<float>)a[7]);
        },
        ["sgemm-tiled"] = accelerator =>
        {
            var kernel = accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<float>, ArrayView<float>, int, int, int>(SgemmTiled);
            return (c, a) => kernel(c, (ArrayView<float>)a[0], (ArrayView<float>)a[1], (ArrayView<float>)a[2], (int)a[3], (int)a[4], (int)a[5]);
        },
        ["reduce-shared"] = accelerator =>
        {
            var kernel = accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<float>, int>(ReduceShared);
            return (c, a) => kernel(c, (ArrayView<float>)a[0], (ArrayView<float>)a[1], (int)a[2]);
        },
    };

    private static void Saxpy(int n, float a, ArrayView<float> x, ArrayView<float> y)
    {
        for (var i = (Grid.IdxX * Group.DimX) + Group.IdxX; i < n; i += Group.DimX * Grid.DimX) y[i] = (a * x[i]) + y[i];
    }

    private static void Julia(ArrayView<int> counts, int width, int height, int limit, float cr, float ci)
    {
        var x = (Grid.IdxX * Group.DimX) + Group.IdxX;
        var y = (Grid.IdxY * Group.DimY) + Group.IdxY;
        if (x >= width || y >= height) return;
        var zr = -1.6f + (3.2f * x / width);
        var zi = -1.6f + (3.2f * y / height);
        var i = 0;
        while (i < limit && (zr * zr) + (zi * zi) < 4.0f)
        {
            var next = (zr * zr) - (zi * zi) + cr;
            zi = (2.0f * zr * zi) + ci;
            zr = next;
            i++;
        }

        counts[(y * width) + x] = i;
    }

    private static void SgemmNaive(int m, int n, int k, float alpha, ArrayView<float> left, ArrayView<float> right, float beta, ArrayView<float> result)
    {
        var column = (Grid.IdxX * Group.DimX) + Group.IdxX;
        var row = (Grid.IdxY * Group.DimY) + Group.IdxY;
        if (row >= m || column >= n) return;
        var sum = 0.0f;
        for (var i = 0; i < k; i++) sum += left[(row * k) + i] * right[(i * n) + column];
        result[(row * n) + column] = (alpha * sum) + (beta * result[(row * n) + column]);
    }

    private static void SgemmTiled(ArrayView<float> left, ArrayView<float> right, ArrayView<float> result, int m, int n, int k)
    {
        var a = SharedMemory.Allocate<float>(Tile * Tile);
        var b = SharedMemory.Allocate<float>(Tile * Tile);
        var row = (Grid.IdxY * Tile) + Group.IdxY;
        var column = (Grid.IdxX * Tile) + Group.IdxX;
        var sum = 0.0f;
        for (var tile = 0; tile < (k + Tile - 1) / Tile; tile++)
        {
            var i = (tile * Tile) + Group.IdxX;
            var j = (tile * Tile) + Group.IdxY;
            a[(Group.IdxY * Tile) + Group.IdxX] = row < m && i < k ? left[(row * k) + i] : 0.0f;
            b[(Group.IdxY * Tile) + Group.IdxX] = j < k && column < n ? right[(j * n) + column] : 0.0f;
            Group.Barrier();
            for (var t = 0; t < Tile; t++) sum += a[(Group.IdxY * Tile) + t] * b[(t * Tile) + Group.IdxX];
            Group.Barrier();
        }

        if (row < m && column < n) result[(row * n) + column] = sum;
    }

    private static void ReduceShared(ArrayView<float> source, ArrayView<float> result, int n)
    {
        var partial = SharedMemory.Allocate<float>(Threads);
        var sum = 0.0f;
        for (var i = (Grid.IdxX * Threads) + Group.IdxX; i < n; i += Grid.DimX * Threads) sum += source[i];
        partial[Group.IdxX] = sum;
        Group.Barrier();
        for (var half = Threads / 2; half > 0; half /= 2)
        {
            if (Group.IdxX < half) partial[Group.IdxX] += partial[Group.IdxX + half];
            Group.Barrier();
        }

        if (Group.IdxX == 0) result[Grid.IdxX] = partial[0];
    }
}
