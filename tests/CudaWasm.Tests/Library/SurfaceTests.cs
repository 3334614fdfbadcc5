using System.Collections;
using System.Runtime.InteropServices;
using CudaWasm.Compiler.Text;
using CudaWasm.Runtime;
using CudaWasm.Tests.Language;

namespace CudaWasm.Tests.Library;

/// <summary>Reads and writes of surfaces, whose x counts bytes.</summary>
public sealed class SurfaceTests
{
    private static readonly TextureDescription Picture = new() { Element = ElementType.Find("uchar")!, Channels = 4, Width = 3, Height = 2 };

    [Fact]
    public void Elements_are_addressed_by_bytes_and_rows()
    {
        var (texels, result) = Run(Picture, """
            surf2Dwrite(make_uchar4(1, 2, 3, 4), s, 2 * sizeof(uchar4), 1);
            surf2Dwrite(0x08070605u, s, 0, 0);
            uchar4 v;
            surf2Dread(&v, s, 8, 1);
            out[0] = v.x + v.w; out[1] = surf2Dread<unsigned>(s, 0, 0) == 0x08070605u; out[2] = surf2Dread<unsigned char>(s, 2, 0);
            """, 3);
        Assert.Equal([5, 1, 7], result);
        byte[] expected = [5, 6, 7, 8, .. new byte[16], 1, 2, 3, 4];
        Assert.Equal(expected, texels);
    }

    [Fact]
    public void Outside_is_clamped_or_zero_or_a_trap()
    {
        var (texels, result) = Run(Picture, """
            surf2Dwrite(7u, s, 400, 90, cudaBoundaryModeClamp);
            surf2Dwrite(9u, s, -4, 0, cudaBoundaryModeZero);
            out[0] = surf2Dread<unsigned>(s, -40, 1, cudaBoundaryModeClamp) == surf2Dread<unsigned>(s, 0, 1);
            out[1] = surf2Dread<unsigned>(s, 12, 0, cudaBoundaryModeZero);
            """, 2);
        Assert.Equal([1, 0], result);
        Assert.Equal(7, texels[20]);
        Assert.Equal(7, texels.Sum(t => t));
        var fault = Assert.Throws<KernelFaultException>(() => Run(Picture, "\n\nout[0] = surf2Dread<unsigned>(s, 12, 0);", 1));
        Assert.Equal(DiagnosticCodes.Trap, fault.Code);
        Assert.Equal(3, fault.Diagnostic.Span.Line);
        Assert.Contains("a surface was accessed out of its bounds", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Depth_and_layers_have_rows_of_their_own()
    {
        var (texels, result) = Run(Picture with { Element = ElementType.Find("float")!, Channels = 1, Depth = 2 }, "surf3Dwrite(2.5f, s, 4, 1, 1); out[0] = (int)(surf2DLayeredread<float>(s, 4, 1, 1) * 2);", 1);
        Assert.Equal([5], result);
        Assert.Equal(2.5f, MemoryMarshal.Cast<byte, float>(texels)[6 + 3 + 1]);
    }

    [Fact]
    public void Arrays_and_tables_are_textures_at_a_prompt()
    {
        var compiled = KernelHarness.CompileOne("__global__ void k(cudaTextureObject_t a, cudaTextureObject_t b, cudaSurfaceObject_t s) { surf1Dwrite(tex2D<float>(a, 1, 1) + tex2D<float2>(b, 0.5f, 0.5f).y, s, 4); }");
        using var device = Devices.Open("cpu");
        using var kernel = device.Load(compiled);
        var target = new float[2];
        var table = new Hashtable { ["data"] = new float[] { 1, 2, 3, 4 }, ["format"] = "float2", ["Width"] = 2, ["Filter"] = "linear", ["Normalized"] = true };
        using (var bound = ArgumentBinder.Bind(device, compiled, [new float[,] { { 1, 2 }, { 3, 40 } }, table, target]))
        {
            kernel.Launch(new LaunchConfiguration(new Dim3(1), new Dim3(1)), bound.Arguments, cancellationToken: TestContext.Current.CancellationToken);
            bound.CopyBack();
        }

        Assert.Equal([0, 43], target);
        string Refused(string key, object value)
        {
            var wrong = new Hashtable(table) { [key] = value };
            return Assert.Throws<KernelArgumentException>(() => ArgumentBinder.Bind(device, compiled, [wrong, table, target])).Message;
        }

        Assert.Contains("'colour' is not known; known are Data, Format", Refused("colour", 1), StringComparison.Ordinal);
        Assert.Contains("possible are Point, Linear", Refused("Filter", "cubic"), StringComparison.Ordinal);
        Assert.Contains("needs 6 numbers, but Data has 4", Refused("Width", 3), StringComparison.Ordinal);
        Assert.Contains("'float3' is no Format", Refused("format", "float3"), StringComparison.Ordinal);
        Assert.Contains("an array of texels, or a table with Data, Format", Assert.Throws<KernelArgumentException>(() => ArgumentBinder.Bind(device, compiled, [1, table, target])).Message, StringComparison.Ordinal);
    }

    private static (byte[] Texels, int[] Result) Run(TextureDescription description, string statements, int count)
    {
        var compiled = KernelHarness.CompileOne($"__global__ void k(cudaSurfaceObject_t s, int *out) {{ {statements} }}");
        using var device = Devices.Open("cpu");
        using var kernel = device.Load(compiled);
        using var surface = new DeviceTexture(device, description);
        using var target = device.Allocate(count * 4, "out");
        kernel.Launch(new LaunchConfiguration(new Dim3(1), new Dim3(1)), [KernelArgument.Texture(surface), KernelArgument.Buffer(target)], cancellationToken: TestContext.Current.CancellationToken);
        var texels = new byte[surface.ByteLength];
        surface.CopyTo(texels);
        var result = new int[count];
        target.CopyTo(MemoryMarshal.AsBytes(result.AsSpan()));
        return (texels, result);
    }
}
