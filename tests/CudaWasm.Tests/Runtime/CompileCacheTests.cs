using CudaWasm.Compiler;
using CudaWasm.Runtime;
using CudaWasm.Runtime.Caching;

namespace CudaWasm.Tests.Runtime;

public sealed class CompileCacheTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cache").FullName;

    public CompileCacheTests()
    {
        Write("k.cu", "#include \"n.h\"\n__global__ void k(int *x)\n{\n    x[threadIdx.x + 100] = N;\n}\n");
        Write("n.h", "#define N 1\n");
    }

    private string Cache => At("cache");

    [Fact]
    public void The_second_run_of_another_process_does_not_compile()
    {
        Assert.Equal([CacheOutcome.Miss, CacheOutcome.Hit], [Compile().Cache, Compile().Cache]);
        Assert.Single(new CompileCache(Cache).Entries);
    }

    [Fact]
    public void The_second_run_of_the_same_process_does_not_compile_nor_read_the_folder()
    {
        var cache = new CompileCache(Cache);
        var first = Compile(cache);
        Directory.Delete(Cache, true);
        var second = Compile(cache);
        Assert.Equal([CacheOutcome.Miss, CacheOutcome.Hit], [first.Cache, second.Cache]);
        Assert.Same(first.Kernels[0], second.Kernels[0]);
    }

    [Fact]
    public void A_kernel_from_the_cache_runs_and_its_faults_have_places()
    {
        Compile();
        var kernel = Assert.Single(Compile().Kernels);
        using var device = Devices.Open("cpu");
        using var loaded = device.Load(kernel);
        using var buffer = device.Allocate(16);
        var fault = Assert.Throws<KernelFaultException>(() => loaded.Launch(new LaunchConfiguration(1, 4), [KernelArgument.Buffer(buffer)], null, TestContext.Current.CancellationToken));
        Assert.Equal((At("k.cu"), 4), (fault.Diagnostic.Span.Path, fault.Diagnostic.Span.Line));
        Assert.Contains("x[threadIdx.x + 100] = N", fault.Diagnostic.Render(), StringComparison.Ordinal);
    }

    [Fact]
    public void Diagnostics_come_from_the_cache_too()
    {
        Write("k.cu", "#include \"gone.h\"\n__global__ void k(int *x) { x[0] = nope; }\n");
        var (first, second) = (Compile(), Compile());
        Assert.Equal(CacheOutcome.Hit, second.Cache);
        Assert.Equal(["CW0012", "CW2001"], second.AllDiagnostics.Select(d => d.Code));
        Assert.Equal(first.AllDiagnostics.Select(d => d.Render()), second.AllDiagnostics.Select(d => d.Render()));
    }

    [Fact]
    public void A_change_of_source_header_macros_or_kernels_compiles_again()
    {
        Compile();
        Write("n.h", "#define N 2\n");
        Assert.Equal([CacheOutcome.Miss, CacheOutcome.Hit], [Compile().Cache, Compile().Cache]);
        Write("k.cu", File.ReadAllText(At("k.cu")) + "\n");
        Assert.Equal([CacheOutcome.Miss, CacheOutcome.Hit], [Compile().Cache, Compile().Cache]);
        Assert.Equal(CacheOutcome.Miss, Compile(options => options with { Defines = new Dictionary<string, string> { ["M"] = "1" } }).Cache);
        Assert.Equal(CacheOutcome.Miss, Compile(options => options with { Defines = new Dictionary<string, string> { ["M"] = "2" } }).Cache);
        Assert.Equal(CacheOutcome.Miss, Compile(options => options with { Kernels = ["k"] }).Cache);
        Assert.Equal(CacheOutcome.Miss, Compile(options => options with { IncludePaths = [_folder] }).Cache);
        Assert.Equal(CacheOutcome.Hit, Compile().Cache);
    }

    [Fact]
    public void A_header_that_appears_where_it_was_looked_for_first_compiles_again()
    {
        Write("k.cu", "#include <m.h>\n#if __has_include(\"late.h\")\n#include \"late.h\"\n#endif\n__global__ void k(int *x) { x[0] = M; }\n");
        Write("b/m.h", "#define M 1\n");
        Directory.CreateDirectory(At("a"));
        CudaCompilation Run() => Compile(options => options with { IncludePaths = [At("a"), At("b")] });

        Assert.Equal([CacheOutcome.Miss, CacheOutcome.Hit], [Run().Cache, Run().Cache]);
        Write("a/m.h", "#define M 1\n");
        Assert.Equal([CacheOutcome.Miss, CacheOutcome.Hit], [Run().Cache, Run().Cache]);
        Write("late.h", "#define LATE\n");
        Assert.Equal([CacheOutcome.Miss, CacheOutcome.Hit], [Run().Cache, Run().Cache]);
        File.Delete(At("a/m.h"));
        Assert.Equal(CacheOutcome.Miss, Run().Cache);
    }

    [Theory]
    [InlineData("empty")]
    [InlineData("cut")]
    [InlineData("flipped")]
    [InlineData("foreign")]
    [InlineData("text")]
    public void A_file_that_is_damaged_or_of_something_else_is_replaced(string damage)
    {
        Compile();
        var file = Assert.Single(new CompileCache(Cache).Entries).FullName;
        var bytes = File.ReadAllBytes(file);
        var wrong = damage switch
        {
            "empty" => [],
            "cut" => bytes[..(bytes.Length / 2)],
            "flipped" => [.. bytes[..^9], (byte)(bytes[^9] ^ 1), .. bytes[^8..]],
            "foreign" => [.. bytes[..4], .. new byte[32], .. bytes[36..]],
            _ => "not a cache"u8.ToArray(),
        };
        File.WriteAllBytes(file, wrong);
        Assert.Equal([CacheOutcome.Miss, CacheOutcome.Hit], [Compile().Cache, Compile().Cache]);
        Assert.Equal(bytes, File.ReadAllBytes(file));
    }

    [Fact]
    public void The_entries_used_least_recently_go_first()
    {
        Compile();
        var size = new CompileCache(Cache).Entries[0].Length;
        var cache = new CompileCache(Cache, (size * 3) + (size / 2));
        for (var i = 0; i < 6; i++)
        {
            var value = i.ToString(System.Globalization.CultureInfo.InvariantCulture);
            foreach (var entry in cache.Entries) entry.LastWriteTimeUtc -= TimeSpan.FromHours(1);
            Compile(options => options with { Cache = cache, Defines = new Dictionary<string, string> { ["M"] = value } });
            // Used each time, so it stays.
            Assert.Equal(CacheOutcome.Hit, Compile(options => options with { Cache = new CompileCache(Cache, long.MaxValue) }).Cache);
        }

        Assert.InRange(cache.Entries.Count, 2, 3);
    }

    [Fact]
    public void Processes_that_store_the_same_at_once_do_not_disturb_each_other()
    {
        var outcomes = new CacheOutcome[16];
        Parallel.For(0, outcomes.Length, i => outcomes[i] = Compile().Cache);
        Assert.DoesNotContain(CacheOutcome.Off, outcomes);
        Assert.Equal(CacheOutcome.Hit, Compile().Cache);
        Assert.Empty(Directory.GetFiles(Cache, "*.tmp"));
    }

    [Fact]
    public void A_folder_that_cannot_be_written_only_costs_the_cache()
    {
        Write("file", "in the way");
        var compilation = Compile(options => options with { Cache = new CompileCache(At("file")) });
        Assert.Equal((CacheOutcome.Miss, true), (compilation.Cache, compilation.Succeeded));
    }

    [Fact]
    public void Clearing_removes_entries_and_nothing_else()
    {
        var cache = new CompileCache(Cache);
        Compile(cache);
        Write("cache/mine.txt", "");
        cache.Clear();
        Assert.Equal(["mine.txt"], Directory.GetFiles(Cache).Select(Path.GetFileName));
        Assert.Equal(CacheOutcome.Miss, Compile(cache).Cache);
    }

    [Theory]
    [InlineData(null, "system/cuda-wasm/compiled")]
    [InlineData("", "system/cuda-wasm/compiled")]
    [InlineData("Off", null)]
    [InlineData("0", null)]
    public void The_environment_chooses_the_folder(string? asked, string? expected) =>
        Assert.Equal(expected?.Replace('/', Path.DirectorySeparatorChar), CacheFolder.Choose(asked, () => "system"));

    [Fact]
    public void Without_a_cache_nothing_is_kept()
    {
        Assert.Equal(CacheOutcome.Off, Compile(options => options with { Cache = null }).Cache);
        Assert.False(Directory.Exists(Cache));
    }

    public void Dispose() => Directory.Delete(_folder, true);

    /// <summary>As a process of its own does: nothing is in memory.</summary>
    private CudaCompilation Compile() => Compile(new CompileCache(Cache));

    private CudaCompilation Compile(CompileCache cache) => Compile(options => options with { Cache = cache });

    private CudaCompilation Compile(Func<CompileFileOptions, CompileFileOptions> change) =>
        KernelCompiler.CompileFile(At("k.cu"), change(new CompileFileOptions { Cache = new CompileCache(Cache) }), TestContext.Current.CancellationToken);

    private string At(string path) => Path.Combine(_folder, path.Replace('/', Path.DirectorySeparatorChar));

    private void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(path))!);
        File.WriteAllText(At(path), text);
    }
}
