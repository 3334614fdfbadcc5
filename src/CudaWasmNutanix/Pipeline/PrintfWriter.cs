using System.Text;

namespace CudaWasmNutanix.Pipeline;

/// <summary>Hands what kernels print to the pipeline, line by line, and keeps all of it.</summary>
internal sealed class PrintfWriter(PipelineWriter writer) : TextWriter
{
    private readonly StringBuilder _all = new();
    private readonly StringBuilder _line = new();

    public override Encoding Encoding => Encoding.UTF8;

    /// <summary>Everything printed so far.</summary>
    public string Text => _all.ToString();

    public override void Write(char value)
    {
        _all.Append(value);
        if (value == '\n')
        {
            Show();
        }
        else
        {
            _line.Append(value);
        }
    }

    /// <summary>Shows what is printed of a line that has not ended.</summary>
    public override void Flush()
    {
        if (_line.Length > 0)
        {
            Show();
        }
    }

    protected override void Dispose(bool disposing)
    {
        Flush();
        base.Dispose(disposing);
    }

    private void Show()
    {
        writer.Information(_line.ToString().TrimEnd('\r'));
        _line.Clear();
    }
}
