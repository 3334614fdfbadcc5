using CudaWasm.Host.Commands;

namespace CudaWasm.Host.Tests;

public class CompilerArgumentsTests
{
    [Fact]
    public void Glued_options_of_compilers_are_taken_apart()
    {
        Assert.Equal(
            ["compile", "-D", "N=4", "-I", "include", "-D", "M", "-I", "x", "a.cu", "--device", "cpu"],
            CompilerArguments.Split(["compile", "-DN=4", "-Iinclude", "-D", "M", "-I", "x", "a.cu", "--device", "cpu"]));
    }
}
