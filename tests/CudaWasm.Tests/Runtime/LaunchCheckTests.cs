using CudaWasm.Compiler;
using CudaWasm.Compiler.Text;
using CudaWasm.Runtime;
using CudaWasm.Runtime.Cpu;

namespace CudaWasm.Tests.Runtime;

/// <summary>What a launch is checked for before anything runs.</summary>
public sealed class LaunchCheckTests : IDisposable
{
    private readonly Device _device = new CpuDevice(1);

    [Theory]
    [InlineData(0, 1, 1, 1, 1, 1, 0, "grid's x is 0")]
    [InlineData(1L << 31, 1, 1, 1, 1, 1, 0, "grid's x is 2147483648; it must be from 1 to 2147483647")]
    [InlineData(1, 65536, 1, 1, 1, 1, 0, "grid's y is 65536")]
    [InlineData(1, 1, 70000, 1, 1, 1, 0, "grid's z")]
    [InlineData(1, 1, 1, 1025, 1, 1, 0, "block's x is 1025")]
    [InlineData(1, 1, 1, 1, 1, 65, 0, "block's z is 65")]
    [InlineData(1, 1, 1, 32, 32, 2, 0, "has 2048 threads; 1024 are allowed")]
    [InlineData(1, 1, 1, 1, 1, 1, -1, "-1 bytes of shared memory")]
    [InlineData(1, 1, 1, 1, 1, 1, 232_000, "232448 are allowed together")]
    public void Limits_are_those_of_CUDA(long gx, long gy, long gz, long bx, long by, long bz, int shared, string message)
    {
        using var kernel = Load("__global__ void k() { __shared__ int s[256]; s[0] = 1; }");

        var error = Assert.Throws<KernelArgumentException>(() =>
            kernel.Launch(new LaunchConfiguration(new Dim3(gx, gy, gz), new Dim3(bx, by, bz), shared), [], null, TestContext.Current.CancellationToken));

        Assert.Equal("CW4002", error.Code);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Launch_bounds_and_static_shared_memory_are_kept()
    {
        using var bounded = Load("__global__ void __launch_bounds__(64) k() { }");
        Assert.Contains("__launch_bounds__(64)", Fail(bounded, 65).Message, StringComparison.Ordinal);
        using var large = Load("__global__ void k(int n) { __shared__ int s[20000]; s[n] = n; }");
        Assert.Contains("80000 bytes of static shared memory", Fail(large, 1, KernelArgument.FromInt32(1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Arguments_must_fit_their_parameters()
    {
        using var kernel = Load("__global__ void k(float* x, int n) { x[n] = n; }");
        using var buffer = _device.Allocate(64, "x");

        Assert.Contains("takes 2 arguments (float * x, int n), but 1 were given", Fail(kernel, 1, KernelArgument.Buffer(buffer)).Message, StringComparison.Ordinal);
        Assert.Contains("a buffer is expected, but a value of type int was given", Fail(kernel, 1, KernelArgument.FromInt32(1), KernelArgument.FromInt32(1)).Message, StringComparison.Ordinal);
        Assert.Contains("a value is expected, but a buffer was given", Fail(kernel, 1, KernelArgument.Buffer(buffer), KernelArgument.Buffer(buffer)).Message, StringComparison.Ordinal);
        Assert.Contains("a value of type float was given", Fail(kernel, 1, KernelArgument.Buffer(buffer), KernelArgument.FromSingle(1)).Message, StringComparison.Ordinal);
        Assert.Contains("4 bytes are expected, but a value of type longlong of 8 bytes", Fail(kernel, 1, KernelArgument.Buffer(buffer), KernelArgument.FromInt64(1)).Message, StringComparison.Ordinal);
        Assert.Contains("offset 2 is no multiple", Fail(kernel, 1, KernelArgument.Buffer(buffer, 2), KernelArgument.FromInt32(1)).Message, StringComparison.Ordinal);
        Assert.Contains("offset 65 lies outside", Fail(kernel, 1, KernelArgument.Buffer(buffer, 65), KernelArgument.FromInt32(1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_prompts_arguments_are_converted_or_refused()
    {
        using var kernel = Load("__global__ void k(float* x, unsigned char n, double d, bool b) { x[n] = b ? d : 0; }");
        var x = new float[2, 2];
        using (var bound = ArgumentBinder.Bind(_device, kernel.Source, [x, 3.0, 7, 1]))
        {
            kernel.Launch(new LaunchConfiguration(1, 1), bound.Arguments, null, TestContext.Current.CancellationToken);
            bound.CopyBack();
        }

        Assert.Equal(7f, x[1, 1]);
        Assert.Contains("takes 4 arguments", Refused(x, 1), StringComparison.Ordinal);
        Assert.Contains("Parameter x (float *): an array of float is expected, but one of double was given", Refused(new double[4], 1, 1, true), StringComparison.Ordinal);
        Assert.Contains("an array or a buffer is expected, but a String was given", Refused("x", 1, 1, true), StringComparison.Ordinal);
        Assert.Contains("a number is expected, but an array of Single was given", Refused(x, x, 1, true), StringComparison.Ordinal);
        Assert.Contains("300 is out of the range of uchar", Refused(x, 300, 1, true), StringComparison.Ordinal);
        Assert.Contains("a whole number is expected, but 1.5 was given", Refused(x, 1.5, 1, true), StringComparison.Ordinal);
        Assert.Contains("a number is expected, but null was given", Refused(x, 1, null, true), StringComparison.Ordinal);

        string Refused(params object?[] arguments) => Assert.Throws<KernelArgumentException>(() => ArgumentBinder.Bind(_device, kernel.Source, arguments)).Message;
    }

    [Fact]
    public void Buffers_may_be_larger_than_two_gigabytes()
    {
        const long Bytes = (5L << 30) + 4;
        Assert.SkipWhen(_device.MemoryBytes < 2 * Bytes, "This machine has too little memory.");
        using var kernel = Load("__global__ void k(int* x, long long last) { x[last] = 5; x[0] = x[last] + 1; }");
        using var buffer = _device.Allocate(Bytes, "x");
        kernel.Launch(new LaunchConfiguration(1, 1), [KernelArgument.Buffer(buffer), KernelArgument.FromInt64((Bytes / 4) - 1)], null, TestContext.Current.CancellationToken);

        var word = new byte[4];
        buffer.CopyTo(word, Bytes - 4);
        Assert.Equal(5, BitConverter.ToInt32(word));
        Assert.Throws<KernelArgumentException>(() => buffer.CopyTo(word, Bytes - 3));
        Assert.Throws<KernelFaultException>(() =>
            kernel.Launch(new LaunchConfiguration(1, 1), [KernelArgument.Buffer(buffer), KernelArgument.FromInt64(Bytes / 4)], null, TestContext.Current.CancellationToken));
        Assert.Throws<CudaWasmException>(() => _device.Allocate(long.MaxValue / 2, "huge"));
    }

    [Fact]
    public void Devices_are_listed_and_opened_by_name()
    {
        var cpu = Assert.Single(Devices.List(), d => d.Name == "cpu");
        Assert.True(cpu is { Kind: DeviceKind.Cpu, ComputeUnits: > 0, MemoryBytes: > 0 });
        using (Devices.Open("CPU"))
        {
        }

        Assert.Contains("This machine has: cpu", Assert.Throws<KernelArgumentException>(() => Devices.Open("gpu7")).Message, StringComparison.Ordinal);
    }

    public void Dispose() => _device.Dispose();

    private static KernelArgumentException Fail(Kernel kernel, int threads, params KernelArgument[] arguments) =>
        Assert.Throws<KernelArgumentException>(() => kernel.Launch(new LaunchConfiguration(1, threads), arguments, null, TestContext.Current.CancellationToken));

    private Kernel Load(string source) => _device.Load(Assert.Single(CudaCompiler.Compile(new SourceText("test.cu", source), new CompileOptions()).Kernels));
}
