using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using CudaWasm.Compiler;
using CudaWasm.Compiler.Text;
using CudaWasm.Runtime;

namespace CudaWasm.Host.Demo;

/// <summary>What came of multiplying two matrices with the kernel of docs/examples/matrix-multiply.cu.</summary>
internal sealed record MatrixMultiplyRun
{
    /// <summary>Rows and columns of each matrix.</summary>
    private const int MatrixSize = 256;

    /// <summary>Width of the tiles, and of a block; the source's TILE.</summary>
    private const int Tile = 16;

    private const int Launches = 3;
    private const string KernelName = "matrixMultiply";
    private const string SourceName = "matrix-multiply.cu";

    /// <summary>Sums of 256 products, in another order than the kernel's, differ in the last bits.</summary>
    private const float Tolerance = 1e-4f;

    public required string Kernel { get; init; }

    public required string Device { get; init; }

    public required string DeviceDescription { get; init; }

    public required TimeSpan CompileTime { get; init; }

    /// <summary>The shortest of three launches.</summary>
    public required TimeSpan LaunchTime { get; init; }

    /// <summary>Elements that differ from a plain C# computation.</summary>
    public required int Mismatches { get; init; }

    public int Size => MatrixSize;

    /// <summary>One multiplication and one addition for each of the size^3 products.</summary>
    public double GigaflopsPerSecond => 2.0 * Size * Size * Size / LaunchTime.TotalSeconds / 1e9;

    public static MatrixMultiplyRun Run(CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        var compilation = CudaCompiler.Compile(
            new SourceText(SourceName, ReadSource()), new CompileOptions { Kernels = [KernelName], CancellationToken = cancellationToken });
        var compiled = KernelCompiler.Find(compilation, SourceName, KernelName);
        using var device = Devices.Open("cpu");
        using var kernel = device.Load(compiled);
        var compileTime = clock.Elapsed;

        var a = Fill(13, 6);
        var b = Fill(7, 3);
        var c = new float[MatrixSize * MatrixSize];
        using var deviceA = Upload(device, "a", a);
        using var deviceB = Upload(device, "b", b);
        using var deviceC = Upload(device, "c", c);
        KernelArgument[] arguments =
        [
            KernelArgument.Buffer(deviceA), KernelArgument.Buffer(deviceB), KernelArgument.Buffer(deviceC),
            KernelArgument.FromInt32(MatrixSize), KernelArgument.FromInt32(MatrixSize), KernelArgument.FromInt32(MatrixSize),
        ];
        var configuration = new LaunchConfiguration(new Dim3(MatrixSize / Tile, MatrixSize / Tile), new Dim3(Tile, Tile));

        var shortest = TimeSpan.MaxValue;
        for (var launch = 0; launch < Launches; launch++)
        {
            clock.Restart();
            kernel.Launch(configuration, arguments, cancellationToken: cancellationToken);
            shortest = clock.Elapsed < shortest ? clock.Elapsed : shortest;
        }

        deviceC.CopyTo(MemoryMarshal.AsBytes(c.AsSpan()));
        return new MatrixMultiplyRun
        {
            Kernel = compiled.Name,
            Device = device.Name,
            DeviceDescription = device.Description,
            CompileTime = compileTime,
            LaunchTime = shortest,
            Mismatches = CountMismatches(c, Multiply(a, b)),
        };
    }

    private static string ReadSource()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(SourceName)
            ?? throw new InvalidOperationException($"The program was built without its resource '{SourceName}'.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private static float[] Fill(int period, int shift)
    {
        var matrix = new float[MatrixSize * MatrixSize];
        for (var i = 0; i < matrix.Length; i++)
            matrix[i] = (i % period) - shift;

        return matrix;
    }

    private static DeviceBuffer Upload(Device device, string name, float[] matrix)
    {
        var buffer = device.Allocate(matrix.Length * sizeof(float), name);
        buffer.CopyFrom(MemoryMarshal.AsBytes(matrix.AsSpan()));
        return buffer;
    }

    /// <summary>The plain computation, in the loop order that walks memory forwards.</summary>
    private static float[] Multiply(float[] a, float[] b)
    {
        var c = new float[MatrixSize * MatrixSize];
        for (var row = 0; row < MatrixSize; row++)
        {
            var target = c.AsSpan(row * MatrixSize, MatrixSize);
            for (var k = 0; k < MatrixSize; k++)
            {
                var factor = a[(row * MatrixSize) + k];
                var source = b.AsSpan(k * MatrixSize, MatrixSize);
                for (var column = 0; column < target.Length; column++)
                    target[column] += factor * source[column];
            }
        }

        return c;
    }

    private static int CountMismatches(float[] actual, float[] expected)
    {
        var count = 0;
        for (var i = 0; i < actual.Length; i++)
        {
            // Written so that a NaN counts.
            if (!(Math.Abs(actual[i] - expected[i]) <= Tolerance * (1 + Math.Abs(expected[i]))))
                count++;
        }

        return count;
    }
}
