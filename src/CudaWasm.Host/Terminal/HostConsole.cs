using System.Text;
using Spectre.Console;

namespace CudaWasm.Host.Terminal;

/// <summary>Where the program writes: results to <see cref="Output"/>, diagnostics to <see cref="Error"/>.</summary>
/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error.</param>
/// <param name="IsInteractive">A person looks on: colours, moving progress, box lines. Else plain lines that a file can hold.</param>
internal sealed record HostConsole(TextWriter Output, TextWriter Error, bool IsInteractive)
{
    /// <summary>Columns where there is no terminal: so many that no line is broken in two.</summary>
    private const int PlainWidth = 500;

    public static HostConsole OfProcess()
    {
        var isInteractive = !Console.IsOutputRedirected
            && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
            && Environment.GetEnvironmentVariable("TERM") != "dumb";
        if (isInteractive && OperatingSystem.IsWindows())
        {
            // The console's code page is a relic of DOS as a rule, which has no block characters.
            Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        }

        return new HostConsole(Console.Out, Console.Error, isInteractive);
    }

    public IAnsiConsole CreateAnsiConsole()
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = IsInteractive ? new AnsiConsoleOutput(Output) : new PlainOutput(Output),
            Ansi = IsInteractive ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = IsInteractive ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = IsInteractive ? InteractionSupport.Detect : InteractionSupport.No,
        });
        if (!IsInteractive)
            console.Profile.Capabilities.Unicode = false;

        return console;
    }

    private sealed class PlainOutput(TextWriter writer) : IAnsiConsoleOutput
    {
        public TextWriter Writer => writer;

        public bool IsTerminal => false;

        public int Width => PlainWidth;

        public int Height => 50;

        /// <summary>The writer's encoding is its owner's choice.</summary>
        public void SetEncoding(Encoding encoding)
        {
        }
    }
}
