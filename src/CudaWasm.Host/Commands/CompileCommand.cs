using System.CommandLine;
using CudaWasm.Compiler;
using CudaWasm.Compiler.Inspection;
using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Serialization;
using CudaWasm.Compiler.Text;
using CudaWasm.Host.Terminal;
using CudaWasm.Runtime;
using GpuPlatform.Manifests;

namespace CudaWasm.Host.Commands;

/// <summary><c>compile FILE.cu</c>: the kernels of a source file, and what is wrong with them.</summary>
internal static class CompileCommand
{
    private const string Cpu = "cpu";
    private const string Ir = "ir";
    private const string Portable = "portable";

    public static Command Create(HostConsole console)
    {
        var file = FileArgument.Create("FILE.cu", "CUDA C++ source; host code in it is skipped.");
        var includes = new Option<string[]>("-I") { Description = "Folder to look for headers in; may be given again.", HelpName = "DIR", DefaultValueFactory = _ => [] };
        var defines = new Option<Dictionary<string, string>>("-D")
        {
            Description = "Macro to define, 1 where there is no value; may be given again.",
            HelpName = "K=V",
            DefaultValueFactory = _ => [],
            CustomParser = MacroDefinitions.Parse,
            Arity = ArgumentArity.OneOrMore,
        };
        var forced = new Option<string[]>("--include") { Description = "File to include before the source, as another file of the program would; may be given again.", HelpName = "FILE", DefaultValueFactory = _ => [] };
        var kernels = new Option<string[]>("--kernel") { Description = "Kernel to compile, template arguments included: 'k<float,256>'; may be given again. All that are found otherwise.", HelpName = "NAME", DefaultValueFactory = _ => [] };
        var target = new Option<string>("--target") { Description = "cpu: machine code of this process; ir: the structured IR as text; portable: compiled kernels that 'cuda-wasm serve' takes.", DefaultValueFactory = _ => Cpu };
        target.AcceptOnlyFromAmong(Cpu, Ir, Portable);
        var output = new Option<string?>("--output", "-o") { Description = "File for the IR, standard output otherwise; file for the compiled kernels.", HelpName = "OUT" };
        var json = new Option<bool>("--json") { Description = "Print one JSON array: name, status, diagnostics, parameters, features, targets and vectors of each kernel." };

        var command = new Command("compile", "Compiles the kernels of a CUDA source file.") { file, includes, defines, forced, kernels, target, output, json };
        command.Validators.Add(result =>
        {
            // As it was written: another name than those is told by the option itself.
            var asked = result.GetResult(target)?.Tokens is [.., var word] ? word.Value : Cpu;
            if (result.GetValue(output) is not null && asked == Cpu)
                result.AddError("-o needs --target ir or portable: code for the CPU lives in the process that runs it.");
            if (result.GetValue(output) is null && asked == Portable)
                result.AddError("--target portable needs -o OUT: what it writes is no text.");
            if (result.GetValue(json) && asked == Ir && result.GetValue(output) is null)
                result.AddError("--json and --target ir both print to standard output: add -o OUT for the IR.");
        });
        var cache = new CacheOptions();
        cache.AddTo(command);
        command.SetAction((parsed, cancellationToken) => Task.Run(
            () =>
            {
                var options = new CompileFileOptions
                {
                    IncludePaths = parsed.GetRequiredValue(includes),
                    Defines = parsed.GetRequiredValue(defines),
                    Kernels = parsed.GetRequiredValue(kernels),
                    Includes = parsed.GetRequiredValue(forced),
                    Cache = cache.Choose(parsed),
                };
                var compilation = KernelCompiler.CompileFile(parsed.GetRequiredValue(file), options, cancellationToken);
                return Finish(console, compilation, parsed.GetRequiredValue(target), parsed.GetValue(output), parsed.GetValue(json));
            },
            CancellationToken.None));
        return command;
    }

    private static int Finish(HostConsole console, CudaCompilation compilation, string target, string? output, bool json)
    {
        var results = target == Cpu ? LoadAll(compilation) : [.. compilation.Kernels.Select(k => new Result(k, k.Diagnostics))];
        DiagnosticWriter.Write(console, compilation.Diagnostics.Concat(results.SelectMany(r => r.Diagnostics)).Distinct());
        if (target == Ir)
            WriteIr(console, compilation, output);

        var isWhole = results.Length > 0 && !compilation.Diagnostics.Any(d => d.IsError) && Array.TrueForAll(results, r => IsOk(r.Kernel, r.Diagnostics));
        if (target == Portable && isWhole)
            File.WriteAllBytes(output!, CompiledKernelFile.Write(compilation));
        if (json)
        {
            HostJson.Write(console.Output, [.. results.Select(r => Report(r, compilation))], HostJson.Default.KernelReportArray);
        }
        else if (target == Cpu)
        {
            foreach (var (kernel, diagnostics, _, _) in results)
                console.Output.WriteLine($"{kernel.Name}: {(IsOk(kernel, diagnostics) ? KernelReport.Ok : KernelReport.Failed)}{(kernel.IsAssumed ? " (template arguments assumed)" : "")}");
        }

        return isWhole ? ExitCode.Success : ExitCode.Failure;
    }

    /// <param name="Kernel">What was compiled.</param>
    /// <param name="Diagnostics">Its own, and those of the CPU.</param>
    /// <param name="VectorBits">As in <see cref="KernelReport"/>.</param>
    /// <param name="ScalarReason">As in <see cref="KernelReport"/>.</param>
    private sealed record Result(CompiledKernel Kernel, IReadOnlyList<Diagnostic> Diagnostics, int? VectorBits = null, string? ScalarReason = null);

    private static KernelReport Report(Result result, CudaCompilation compilation) =>
        KernelReport.Of(KernelDescription.Of(result.Kernel), result.Diagnostics, compilation.Cache) with { VectorBits = result.VectorBits, ScalarReason = result.ScalarReason };

    private static bool IsOk(CompiledKernel kernel, IReadOnlyList<Diagnostic> diagnostics) => kernel.Succeeded && !diagnostics.Any(d => d.IsError);

    /// <summary>Compiles each kernel to machine code too: what the CPU lacks shows only then.</summary>
    private static Result[] LoadAll(CudaCompilation compilation)
    {
        using var device = Devices.Open(Cpu);
        return [.. compilation.Kernels.Select(kernel => Load(device, kernel))];
    }

    private static Result Load(Device device, CompiledKernel kernel)
    {
        if (!kernel.Succeeded)
            return new Result(kernel, kernel.Diagnostics);

        try
        {
            using var loaded = device.Load(kernel);
            return new Result(kernel, kernel.Diagnostics, loaded.VectorBits, loaded.ScalarReason);
        }
        catch (KernelCompileException e)
        {
            return new Result(kernel, [.. kernel.Diagnostics, .. e.Diagnostics]);
        }
    }

    private static void WriteIr(HostConsole console, CudaCompilation compilation, string? output)
    {
        var text = string.Join("\n", compilation.Kernels.Where(k => k.Succeeded).Select(k => IrPrinter.Print(k.Module!)));
        if (output is null)
            console.Output.Write(text);
        else
            ManifestFiles.Write(output, text);
    }
}
