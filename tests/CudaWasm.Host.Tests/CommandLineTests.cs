namespace CudaWasm.Host.Tests;

public class CommandLineTests
{
    [Theory]
    [InlineData("", "--help")]
    [InlineData("fly", "'fly'")]
    [InlineData("demo --fast", "'--fast'")]
    [InlineData("demo extra", "'extra'")]
    [InlineData("run", "'run'")]
    [InlineData("run --bogus", "--bogus")]
    [InlineData("compile -x", "-x")]
    [InlineData("run a.json --repeat 0", "--repeat must be a whole number from 1")]
    [InlineData("run a.json --repeat", "--repeat")]
    [InlineData("compile", "'compile'")]
    [InlineData("compile a.cu --target fortran", "'fortran'")]
    [InlineData("compile a.cu -D 1N=2", "'1N' is no name of a macro")]
    [InlineData("compile a.cu -o a.ir", "-o needs --target ir")]
    [InlineData("compile a.cu --target ir --json", "add -o OUT")]
    [InlineData("compile a.cu --target portable", "needs -o OUT")]
    [InlineData("prism-simulator --hosts many", "--hosts must be a whole number from 0 to 10000, not 'many'.")]
    [InlineData("prism-simulator --hosts -1", "--hosts must be a whole number from 0 to 10000, not '-1'.")]
    [InlineData("prism-simulator --port 65536", "--port must be a whole number from 0 to 65535")]
    [InlineData("prism-simulator --faults 1.5", "--faults must be a number from 0 to 1, not '1.5'.")]
    [InlineData("prism-simulator --faults 0,5", "--faults must be a number from 0 to 1, not '0,5'.")]
    [InlineData("prism-simulator --seed", "--seed")]
    public async Task Bad_usage_ends_with_2_and_says_what_is_wrong_on_standard_error(string arguments, string told)
    {
        using var run = new HostRun();

        var exitCode = await run.RunAsync(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal(2, exitCode);
        Assert.Contains(told, run.Error, StringComparison.Ordinal);
        Assert.Contains("--help' for usage.", run.Error, StringComparison.Ordinal);
        Assert.Empty(run.Output);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("demo --help")]
    [InlineData("run --help")]
    [InlineData("compile --help")]
    [InlineData("devices --help")]
    [InlineData("prism-simulator --help")]
    [InlineData("--version")]
    public async Task Help_and_version_end_with_0(string arguments)
    {
        using var run = new HostRun();

        Assert.Equal(0, await run.RunAsync(arguments.Split(' ')));

        Assert.NotEmpty(run.Output);
        Assert.Empty(run.Error);
    }
}
