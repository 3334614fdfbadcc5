using System.Text;
using CudaWasm.Runtime;

namespace CudaWasm.Tests.Runtime;

/// <summary>Sources and headers on disk.</summary>
public sealed class SourceFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("source").FullName;

    [Fact]
    public void Headers_are_found_next_to_the_source_and_in_the_include_paths()
    {
        Write("inc/scale.h", "#pragma once\n#define SCALE 3\n");
        Write("src/local/use.cuh", "#include \"next.cuh\"\n#include <scale.h>\n");
        Write("src/local/next.cuh", "#define OFFSET 1\n");
        Write("src/k.cu", "#include \"local/use.cuh\"\n#include <scale.h>\n__global__ void k(int* x) { *x = SCALE + OFFSET + EXTRA; }");

        var compilation = KernelCompiler.CompileFile(At("src/k.cu"), [At("inc")], new Dictionary<string, string> { ["EXTRA"] = "5" }, null, TestContext.Current.CancellationToken);

        Assert.Empty(compilation.AllDiagnostics);
        Assert.Equal("k", Assert.Single(compilation.Kernels).Name);
    }

    [Fact]
    public void Headers_outside_of_the_folders_are_not_read()
    {
        Write("secret.h", "#define SECRET 1\n");
        Write("src/k.cu", "#include \"../secret.h\"\n__global__ void k(int* x) { *x = SECRET; }");
        Assert.Contains(Compile("src/k.cu"), d => d.StartsWith("CW0012", StringComparison.Ordinal));

        Write("src/l.cu", "#include \"link.h\"\n__global__ void k(int* x) { *x = SECRET; }");
        try
        {
            File.CreateSymbolicLink(At("src/link.h"), At("secret.h"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Assert.Skip("Links cannot be made here.");
        }

        Assert.Contains(Compile("src/l.cu"), d => d.StartsWith("CW0012", StringComparison.Ordinal));
        Assert.Empty(KernelCompiler.CompileFile(At("src/l.cu"), [_folder], null, null, TestContext.Current.CancellationToken).AllDiagnostics);
    }

    [Theory]
    [InlineData("#include \"../../secret.h\"")]
    [InlineData("#include <../secret.h>")]
    [InlineData("#include \"inner/../../secret.h\"")]
    [InlineData("#include \"ABSOLUTE\"")]
    [InlineData("#include <ABSOLUTE>")]
    [InlineData("#define FILE \"../secret.h\"\n#include FILE")]
    [InlineData("#define FILE <ABSOLUTE>\n#include FILE")]
    [InlineData("#if __has_include(\"../secret.h\")\n#define SECRET 1\n#endif")]
    [InlineData("#if __has_include(<ABSOLUTE>)\n#define SECRET 1\n#endif")]
    [InlineData("#include \"folder/secret.h\"")]
    [InlineData("#include_next \"../secret.h\"")]
    public void No_spelling_reaches_a_file_outside_of_the_folders(string include)
    {
        Write("secret.h", "#define SECRET 1\n");
        Write("src/inner/near.h", "");
        Directory.CreateDirectory(At("inc"));
        Write("src/k.cu", $"{include.Replace("ABSOLUTE", At("secret.h").Replace('\\', '/'), StringComparison.Ordinal)}\n__global__ void k(int* x) {{ *x = SECRET; }}");
        if (include.Contains("folder", StringComparison.Ordinal))
        {
            try
            {
                Directory.CreateSymbolicLink(At("src/folder"), _folder);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Assert.Skip("Links cannot be made here.");
            }
        }

        var compilation = KernelCompiler.CompileFile(At("src/k.cu"), [At("inc")], null, null, TestContext.Current.CancellationToken);

        Assert.Contains(compilation.AllDiagnostics, d => d.IsError && d.Message.Contains("'SECRET'", StringComparison.Ordinal));
    }

    [Fact]
    public void Files_that_are_no_source_say_so()
    {
        File.WriteAllBytes(At("binary.cu"), [0x7F, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1, 0, 0, 0]);
        Write("empty.cu", "");
        using (var large = File.Create(At("large.cu"))) large.SetLength((10 * 1024 * 1024) + 1);
        Write("cut.cu", "__global__ void k(int* x) { for (int i = 0; i < 5");

        Assert.Equal("CW0001 this is not a text file; give the CUDA source, not what was compiled from it", Assert.Single(Compile("binary.cu")));
        Assert.StartsWith("CW1004 the file is empty", Assert.Single(Compile("empty.cu")), StringComparison.Ordinal);
        Assert.Equal("CW0002 the file has 10 MB; sources may have up to 10 MB", Assert.Single(Compile("large.cu")));
        Assert.Equal("CW0007 there is no such file", Assert.Single(Compile("none.cu")));
        Assert.StartsWith("CW0007 this is a folder", Assert.Single(Compile(".")), StringComparison.Ordinal);
        Assert.NotEmpty(Compile("cut.cu"));
    }

    [Fact]
    public void Marks_of_encodings_and_old_code_pages_are_read()
    {
        const string Source = "// größer\r\n__global__ void k(int* x) { *x = 1; }\r\n";
        foreach (var encoding in new[] { new UTF8Encoding(true), Encoding.Unicode, Encoding.BigEndianUnicode, Encoding.Latin1 })
        {
            File.WriteAllText(At("k.cu"), Source, encoding);
            Assert.Empty(Compile("k.cu"));
        }
    }

    public void Dispose() => Directory.Delete(_folder, true);

    private List<string> Compile(string name) =>
        [.. KernelCompiler.CompileFile(At(name), null, null, null, TestContext.Current.CancellationToken).AllDiagnostics.Select(d => $"{d.Code} {d.Message}")];

    private void Write(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(name))!);
        File.WriteAllText(At(name), text);
    }

    private string At(string name) => Path.Combine(_folder, name);
}
