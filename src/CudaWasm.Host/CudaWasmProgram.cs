using System.CommandLine;
using System.CommandLine.Invocation;
using CudaWasm.Host.Commands;
using CudaWasm.Host.Terminal;
using CudaWasm.Runtime;

namespace CudaWasm.Host;

/// <summary>The program's commands, its exit codes, and what becomes of an error.</summary>
internal static class CudaWasmProgram
{
    public static async Task<int> RunAsync(string[] arguments, HostConsole console, CancellationToken cancellationToken = default)
    {
        var result = CreateRoot(console).Parse(CompilerArguments.Split(arguments));
        if (result.Action is ParseErrorAction)
        {
            foreach (var error in result.Errors)
                await console.Error.WriteLineAsync($"cuda-wasm: error: {error.Message}");

            var command = result.CommandResult.Command;
            var help = command is RootCommand ? "cuda-wasm --help" : $"cuda-wasm {command.Name} --help";
            await console.Error.WriteLineAsync($"Run '{help}' for usage.");
            return ExitCode.BadUsage;
        }

        var configuration = new InvocationConfiguration
        {
            Output = console.Output,
            Error = console.Error,
            EnableDefaultExceptionHandler = false,
            // Program listens to the signals itself, from before the command starts.
            ProcessTerminationTimeout = null,
        };
        return await GuardAsync(console, () => result.InvokeAsync(configuration, cancellationToken));
    }

    /// <summary>Turns what a command throws into a line on standard error and an exit code.</summary>
    internal static async Task<int> GuardAsync(HostConsole console, Func<Task<int>> command)
    {
        try
        {
            return await command();
        }
        catch (OperationCanceledException)
        {
            await console.Error.WriteLineAsync("cuda-wasm: error: stopped before it was done.");
        }
        catch (CudaWasmException e)
        {
            DiagnosticWriter.Write(console, e.Diagnostics);
        }
        catch (Exception e)
        {
            await console.Error.WriteLineAsync(ErrorText.Of(e));
        }

        return ExitCode.Failure;
    }

    private static RootCommand CreateRoot(HostConsole console) => new("Compiles and runs CUDA kernels on this machine, and shows GPU work on Nutanix Prism.")
    {
        DemoCommand.Create(console),
        RunCommand.Create(console),
        MergeCommand.Create(console),
        CompileCommand.Create(console),
        DevicesCommand.Create(console),
        ServeCommand.Create(console),
        PrismSimulatorCommand.Create(console),
    };
}
