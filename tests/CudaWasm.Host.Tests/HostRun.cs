using System.Text;
using CudaWasm.Host.Commands;
using CudaWasm.Host.Terminal;
using Nutanix.Prism.Simulator;

namespace CudaWasm.Host.Tests;

/// <summary>One run of the program inside the test process, as if its output were a file.</summary>
internal sealed class HostRun : IDisposable
{
    private readonly LineWriter _output = new();
    private readonly StringWriter _error = new();

    public HostRun()
    {
        Console = new HostConsole(_output, TextWriter.Synchronized(_error), IsInteractive: false);
    }

    public HostConsole Console { get; }

    public string Output => _output.ToString();

    public string Error => _error.ToString();

    /// <summary>The first line of the output, once it is there.</summary>
    public Task<string> FirstLine => _output.FirstLine;

    public Task<int> RunAsync(params string[] arguments) => RunAsync(TestContext.Current.CancellationToken, arguments);

    public Task<int> RunAsync(CancellationToken cancellationToken, params string[] arguments) =>
        CudaWasmProgram.RunAsync(arguments, Console, cancellationToken);

    /// <summary><c>demo --json</c> on a given Prism Central, with an error told as the program tells it.</summary>
    public Task<int> RunDemoAsync(PrismSimulator central, TimeSpan watchTime) => CudaWasmProgram.GuardAsync(
        Console, () => DemoCommand.RunAsync(Console, central, watchTime, json: true, TestContext.Current.CancellationToken));

    public void Dispose()
    {
        _output.Dispose();
        _error.Dispose();
    }

    private sealed class LineWriter : TextWriter
    {
        private readonly StringBuilder _text = new();
        private readonly TaskCompletionSource<string> _firstLine = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<string> FirstLine => _firstLine.Task;

        public override Encoding Encoding => Encoding.UTF8;

        public override void Write(char value)
        {
            lock (_text)
            {
                _text.Append(value);
                if (value == '\n')
                    _firstLine.TrySetResult(_text.ToString().Split('\n')[0].TrimEnd('\r'));
            }
        }

        public override string ToString()
        {
            lock (_text)
                return _text.ToString();
        }
    }
}
