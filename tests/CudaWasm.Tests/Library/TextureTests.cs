using System.Runtime.InteropServices;
using CudaWasm.Runtime;
using CudaWasm.Tests.Language;

namespace CudaWasm.Tests.Library;

/// <summary>What fetches give, worked out by hand from the CUDA C++ Programming Guide, "Texture Fetching".</summary>
public sealed class TextureTests
{
    private static readonly ElementType Float = ElementType.Find("float")!;
    private static readonly float[] Four = [10, 20, 30, 40];

    [Theory]
    [InlineData(TextureAddressMode.Wrap, new float[] { 30, 40, 10, 20, 40, 10, 20, 10, 40 })]
    [InlineData(TextureAddressMode.Clamp, new float[] { 10, 10, 10, 20, 40, 40, 40, 40, 10 })]
    [InlineData(TextureAddressMode.Mirror, new float[] { 20, 10, 10, 20, 40, 40, 30, 10, 10 })]
    [InlineData(TextureAddressMode.Border, new float[] { -1, -1, 10, 20, 40, -1, -1, -1, -1 })]
    public void Normalized_coordinates_outside_follow_the_address_mode(TextureAddressMode mode, float[] expected)
    {
        float[] at = [-0.3f, -0.1f, 0, 0.3f, 0.99f, 1, 1.3f, 2.1f, -4.01f];
        Assert.Equal(expected, Fetch("tex1D<float>(t, in[i])", Texture(Four) with { Address = [mode], IsNormalized = true, Border = [-1] }, at));
    }

    [Theory]
    [InlineData(TextureAddressMode.Wrap, new float[] { 10, 10, 20, 40, 40, 40 })]
    [InlineData(TextureAddressMode.Mirror, new float[] { 10, 10, 20, 40, 40, 40 })]
    [InlineData(TextureAddressMode.Border, new float[] { 0, 10, 20, 40, 0, 0 })]
    public void Other_coordinates_only_clamp_or_meet_the_border(TextureAddressMode mode, float[] expected) =>
        Assert.Equal(expected, Fetch("tex1D<float>(t, in[i])", Texture(Four) with { Address = [mode] }, [-0.5f, 0, 1.99f, 3.5f, 4, 1e30f]));

    [Fact]
    public void Linear_weights_have_eight_bits()
    {
        // xB = x - 0.5; alpha = frac(xB), to the nearest of 256 parts.
        float[] at = [0, 0.5f, 1, 1.5f + (3f / 1024), 1.5f + (1f / 1024), 2.25f, 3.9f, 100, -100];
        float[] expected = [10, 10, 15, 20 + (10f / 256), 20, 27.5f, 40, 40, 10];
        Assert.Equal(expected, Fetch("tex1D<float>(t, in[i])", Texture(Four) with { Filter = TextureFilterMode.Linear }, at));
    }

    [Fact]
    public void Linear_filtering_reaches_over_the_edge_as_the_address_mode_says()
    {
        var texture = Texture(Four) with { Filter = TextureFilterMode.Linear, IsNormalized = true };
        float[] Edge(TextureAddressMode mode) => Fetch("tex1D<float>(t, in[i])", texture with { Address = [mode] }, [0, 1]);
        Assert.Equal([25, 25], Edge(TextureAddressMode.Wrap));
        Assert.Equal([10, 40], Edge(TextureAddressMode.Mirror));
        Assert.Equal([10, 40], Edge(TextureAddressMode.Clamp));
        Assert.Equal([5, 20], Edge(TextureAddressMode.Border));
    }

    [Fact]
    public void Two_dimensions_weigh_four_texels()
    {
        float[] texels = [1, 2, 4, 8, 16, 32];
        var texture = Texture(texels) with { Width = 3, Height = 2, Filter = TextureFilterMode.Linear };
        // Between all of (1, 2, 8, 16); a quarter of the way right of texel (1, 0); in the middle of texel (2, 1).
        Assert.Equal([6.75f, 2.5f, 32], Fetch("tex2D<float>(t, in[3 * i], in[3 * i + 1])", new Image(texture, texels), [1, 1, 0, 1.75f, 0.5f, 0, 2.5f, 1.5f, 0], 3));
        Assert.Equal([16f], Fetch("tex2D<float>(t, in[0], in[1])", new Image(texture with { Filter = TextureFilterMode.Point }, texels), [1.9f, 1.1f], 1));
    }

    [Fact]
    public void Three_dimensions_weigh_eight_texels_and_layers_none()
    {
        float[] texels = [0, 1, 2, 3, 4, 5, 6, 7];
        var texture = Texture(texels) with { Width = 2, Height = 2, Depth = 2, Filter = TextureFilterMode.Linear };
        Assert.Equal([3.5f], Fetch("tex3D<float>(t, 1, 1, 1)", new Image(texture, texels), [0]));
        Assert.Equal([1.5f, 5.5f, 5.5f, 1.5f], Fetch("tex2DLayered<float>(t, 1, 1, (int)in[i])", new Image(texture with { IsLayered = true }, texels), [0, 1, 2, -1]));
    }

    [Fact]
    public void Integers_are_read_as_they_are_or_as_fractions()
    {
        var texture = new TextureDescription { Element = ElementType.Find("uchar")!, Channels = 4, Width = 1 };
        Assert.Equal([0, 51, 255, 128], Run("uchar4 v = tex2D<uchar4>(t, 0, 0); out[0] = v.x; out[1] = v.y; out[2] = v.z; out[3] = v.w;", texture, [0, 51, 255, 128], 4));
        texture = texture with { ReadMode = TextureReadMode.NormalizedFloat };
        Assert.Equal([0, 0.2f, 1, 128 / 255f], Run("float4 v = tex2D<float4>(t, 0, 0); out[0] = v.x; out[1] = v.y; out[2] = v.z; out[3] = v.w;", texture, [0, 51, 255, 128], 4));
        texture = texture with { Element = ElementType.Find("char")!, Channels = 2, Width = 2 };
        Assert.Equal([0, -1, -1, 1], Run("float2 v = tex1Dfetch<float2>(t, 0), w = tex1Dfetch<float2>(t, 1); out[0] = v.x; out[1] = v.y; out[2] = w.x; out[3] = w.y;", texture, [0, 0x81, 0x80, 127], 4));
        Assert.Equal([-128, 127], Run("char2 v = tex1Dfetch<char2>(t, 1); out[0] = v.x; out[1] = v.y;", texture with { ReadMode = TextureReadMode.Element }, [0, 0x81, 0x80, 127], 2));
    }

    [Fact]
    public void Wide_integers_and_halves_keep_their_bits()
    {
        var texture = new TextureDescription { Element = ElementType.Find("uint")!, Channels = 2, Width = 1 };
        Assert.Equal([1, 1], Run("uint2 v = tex1D<uint2>(t, 0); out[0] = v.x == 0xFFFFFFFFu; out[1] = v.y == 0x01020304u;", texture, [255, 255, 255, 255, 4, 3, 2, 1], 2));
        texture = new TextureDescription { Element = ElementType.Find("half")!, Width = 2, Filter = TextureFilterMode.Linear };
        Assert.Equal([1.5f, 0.25f], Run("out[0] = tex1D<float>(t, 0.5f); out[1] = tex1D<float>(t, 1.0f);", texture, MemoryMarshal.AsBytes<Half>([(Half)1.5, (Half)(-1)]).ToArray(), 2));
    }

    [Fact]
    public void A_fetch_by_index_outside_is_zero() =>
        Assert.Equal([0, 10, 40, 0, 0], Fetch("tex1Dfetch<float>(t, (int)in[i])", Texture(Four), [-1, 0, 3, 4, 1e9f]));

    [Fact]
    public void A_direction_meets_the_face_of_a_cube()
    {
        float[] texels = [.. Enumerable.Range(0, 24).Select(i => (float)i)];
        var texture = Texture(texels) with { Width = 2, Height = 2, Depth = 6, IsLayered = true, IsNormalized = true };
        float[] directions = [1, 0.1f, -0.1f, -1, 0.1f, -0.1f, 0.1f, 1, 0.1f, 0.1f, -1, 0.1f, 0.1f, 0.1f, 1, 0.1f, 0.1f, -1];
        // Face times 4, plus 2 for the lower and 1 for the right half: +x has s = -z, t = -y; -x z, -y; +y x, z; -y x, -z; +z x, -y; -z -x, -y.
        Assert.Equal([0 + 1, 4 + 0, 8 + 3, 12 + 1, 16 + 1, 20 + 0], Fetch("texCubemap<float>(t, in[3 * i], in[3 * i + 1], in[3 * i + 2])", new Image(texture, texels), directions, 6));
    }

    [Fact]
    public void Levels_of_detail_are_chosen_or_mixed()
    {
        float[] texels = [0, 0, 0, 0, 8, 8, 16];
        var texture = Texture(texels) with { Levels = 3, Width = 4, IsNormalized = true };
        float[] lods = [-1, 0, 0.4f, 0.6f, 1, 1.25f, 9];
        Assert.Equal([0, 0, 0, 8, 8, 8, 16], Fetch("tex1DLod<float>(t, 0.5f, in[i])", new Image(texture, texels), lods));
        Assert.Equal([0, 0, 8 * 102 / 256f, 8 * 154 / 256f, 8, 10, 16], Fetch("tex1DLod<float>(t, 0.5f, in[i])", new Image(texture with { MipFilter = TextureFilterMode.Linear }, texels), lods));
        Assert.Equal([0, 8, 16], Fetch("tex1DGrad<float>(t, 0.5f, in[i], 0.0f)", new Image(texture, texels), [0.25f, 0.5f, -1]));
    }

    [Fact]
    public void Gather_gives_the_four_texels_of_a_linear_fetch() =>
        Assert.Equal([3, 4, 2, 1], Run("float4 v = tex2Dgather<float4>(t, 1, 1); out[0] = v.x; out[1] = v.y; out[2] = v.z; out[3] = v.w;", Texture([1, 2, 3, 4]) with { Width = 2, Height = 2 }, Bytes(1, 2, 3, 4), 4));

    [Fact]
    public void References_of_the_file_are_bound_by_name()
    {
        var compiled = KernelHarness.CompileOne("""
            texture<float, 1> line;
            namespace images { static texture<uchar4, cudaTextureType2D, cudaReadModeNormalizedFloat> image; }
            __global__ void k(float *out) {
                out[0] = tex1Dfetch(line, 2) + tex1D(line, 0.5f);
                float4 v = tex2D(images::image, 1.0f, 0.0f);
                out[1] = v.x + v.w;
            }
            """);
        using var device = Devices.Open("cpu");
        using var kernel = device.Load(compiled);
        using var output = device.Allocate(8, "out");
        using var line = new DeviceTexture(device, Texture(Four));
        line.CopyFrom(Bytes(Four));
        using var image = new DeviceTexture(device, new TextureDescription { Element = ElementType.Find("uchar")!, Channels = 4, Width = 2, ReadMode = TextureReadMode.NormalizedFloat });
        image.CopyFrom([0, 0, 0, 0, 255, 0, 0, 51]);
        void Launch() => kernel.Launch(new LaunchConfiguration(new Dim3(1), new Dim3(1)), [KernelArgument.Buffer(output)], cancellationToken: TestContext.Current.CancellationToken);
        kernel.BindTexture("line", line);
        Assert.Contains("'images::image'", Assert.Throws<KernelArgumentException>(Launch).Message, StringComparison.Ordinal);
        Assert.Contains("it uses line, images::image", Assert.Throws<KernelArgumentException>(() => kernel.BindTexture("lime", line)).Message, StringComparison.Ordinal);
        kernel.BindTexture("images::image", image);
        Launch();
        var result = new float[2];
        output.CopyTo(MemoryMarshal.AsBytes(result.AsSpan()));
        Assert.Equal([40, 1.2f], result);
    }

    [Fact]
    public void Contradictions_are_told()
    {
        Assert.Contains("read int as normalizedFloat", Wrong(Texture(Four) with { Element = ElementType.Find("int")!, Filter = TextureFilterMode.Linear }), StringComparison.Ordinal);
        Assert.Contains("only integers of 8 and 16 bits", Wrong(Texture(Four) with { ReadMode = TextureReadMode.NormalizedFloat }), StringComparison.Ordinal);
        Assert.Contains("1 to 3", Wrong(Texture(Four) with { Levels = 4 }), StringComparison.Ordinal);
        Assert.Contains("32 bits at most", Wrong(Texture(Four) with { Element = ElementType.Find("double")! }), StringComparison.Ordinal);
        Assert.Contains("3 channels", Wrong(Texture(Four) with { Channels = 3 }), StringComparison.Ordinal);
        var compiled = KernelHarness.CompileOne("__global__ void k(cudaTextureObject_t t, float *out) { out[0] = tex1D<float>(t, 0); }");
        using var device = Devices.Open("cpu");
        using var kernel = device.Load(compiled);
        using var buffer = device.Allocate(4096);
        var error = Assert.Throws<KernelArgumentException>(() => kernel.Launch(new LaunchConfiguration(new Dim3(1), new Dim3(1)), [KernelArgument.Buffer(buffer), KernelArgument.Buffer(buffer)], cancellationToken: TestContext.Current.CancellationToken));
        Assert.Contains("cudaTextureObject_t t: a texture is expected, but a buffer was given", error.Message, StringComparison.Ordinal);
    }

    private static string Wrong(TextureDescription description) => Assert.Throws<KernelArgumentException>(description.Check).Message;

    private static TextureDescription Texture(float[] texels) => new() { Element = Float, Width = texels.Length };

    private static byte[] Bytes(params float[] values) => MemoryMarshal.AsBytes(values.AsSpan()).ToArray();

    /// <summary>One fetch a thread.</summary>
    private static float[] Fetch(string fetch, Image image, float[] input, int? count = null) => Run($"out[i] = {fetch};", image.Texture, Bytes(image.Texels), count ?? input.Length, input);

    private static float[] Fetch(string fetch, TextureDescription texture, float[] input, int? count = null) => Fetch(fetch, new Image(texture, Four), input, count);

    private sealed record Image(TextureDescription Texture, float[] Texels);

    private static float[] Run(string statements, TextureDescription description, byte[] texels, int count, float[]? input = null)
    {
        var compiled = KernelHarness.CompileOne($"__global__ void k(cudaTextureObject_t t, const float *in, float *out, int n) {{ int i = threadIdx.x; if (i < n) {{ {statements} }} }}");
        input ??= [0];
        using var device = Devices.Open("cpu");
        using var kernel = device.Load(compiled);
        using var texture = new DeviceTexture(device, description);
        texture.CopyFrom(texels);
        using var source = device.Allocate(input.Length * 4, "in");
        source.CopyFrom(MemoryMarshal.AsBytes(input.AsSpan()));
        using var target = device.Allocate(count * 4, "out");
        var threads = statements.Contains("out[i]", StringComparison.Ordinal) ? count : 1;
        kernel.Launch(
            new LaunchConfiguration(new Dim3(1), new Dim3(threads)),
            [KernelArgument.Texture(texture), KernelArgument.Buffer(source), KernelArgument.Buffer(target), KernelArgument.FromInt32(threads)],
            cancellationToken: TestContext.Current.CancellationToken);
        var result = new float[count];
        target.CopyTo(MemoryMarshal.AsBytes(result.AsSpan()));
        return result;
    }
}
