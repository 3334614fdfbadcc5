using System.Globalization;
using CudaWasm.Compiler;
using CudaWasm.Compiler.IR;
using CudaWasm.Runtime;

namespace CudaWasm.Host.Worker;

/// <summary>Memory that a part of a request fills, or of an answer holds.</summary>
internal abstract record LaunchPart(string Name, ElementType Element, long Bytes)
{
    public abstract void Write(ReadOnlySpan<byte> source, long offset);

    public abstract void Read(Span<byte> target, long offset);
}

/// <summary>A buffer or texture of the launch.</summary>
internal sealed record BufferPart(string Name, ElementType Element, long Bytes, DeviceBuffer Buffer, long Start) : LaunchPart(Name, Element, Bytes)
{
    public override void Write(ReadOnlySpan<byte> source, long offset) => Buffer.CopyFrom(source, Start + offset);

    public override void Read(Span<byte> target, long offset) => Buffer.CopyTo(target, Start + offset);
}

/// <summary>The content of a global, kept aside: the kernel's own memory is shared with its next launch.</summary>
internal sealed record SymbolPart(string Name, ElementType Element, byte[] Content, string Symbol) : LaunchPart(Name, Element, Content.Length)
{
    public override void Write(ReadOnlySpan<byte> source, long offset) => source.CopyTo(Content.AsSpan((int)offset));

    public override void Read(Span<byte> target, long offset) => Content.AsSpan((int)offset, target.Length).CopyTo(target);
}

/// <summary>One launch of a published kernel, with its memory, from its request to its answer.</summary>
internal sealed class WorkerLaunch : IDisposable
{
    private const int FillBytes = 1 << 16;

    private readonly CompiledSource _compiled;
    private readonly IDisposable _reservation;
    private readonly List<IDisposable> _owned = [];
    private readonly List<KernelArgument> _arguments = [];
    private readonly List<LaunchPart> _inputs = [];
    private readonly List<LaunchPart> _outputs = [];

    /// <exception cref="WorkerProblem">The memory is not to be had.</exception>
    /// <exception cref="CudaWasmException">The arguments do not fit the kernel.</exception>
    public WorkerLaunch(Tenant tenant, MemoryBudget memory, CompiledSource compiled, Kernel kernel, LaunchRequest request)
    {
        _compiled = compiled;
        Tenant = tenant;
        Kernel = kernel;
        Request = request;
        LaunchCheck.Configuration(kernel.Source, request.Configuration);
        _reservation = memory.Reserve(tenant, BytesOf(kernel, request));
        try
        {
            for (var i = 0; i < request.Arguments.Count; i++)
                Add(request.Arguments[i], i < kernel.Source.Parameters.Count ? kernel.Source.Parameters[i] : null);
            LaunchCheck.Arguments(kernel.Source, _arguments);
            foreach (var (name, symbol) in request.Symbols)
                Add(name, symbol);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public Tenant Tenant { get; }

    public Kernel Kernel { get; }

    public LaunchRequest Request { get; }

    /// <summary>What the request's parts fill.</summary>
    public IReadOnlyList<LaunchPart> Inputs => _inputs;

    /// <summary>What the answer holds, once it ran.</summary>
    public IReadOnlyList<LaunchPart> Outputs => _outputs;

    /// <summary>Runs on the device's own thread: globals are set, used and read by one launch after the other.</summary>
    public LaunchStatistics Run(LaunchOptions options, CancellationToken cancellationToken)
    {
        Kernel.ResetSymbols();
        foreach (var symbol in _inputs.OfType<SymbolPart>())
            Kernel.GetSymbol(symbol.Symbol).CopyFrom(symbol.Content);

        // Code for a block size is made when it is first launched.
        var statistics = _compiled.Guard(Kernel.Source.Name, () => Kernel.Launch(Request.Configuration, _arguments, options, cancellationToken));
        foreach (var symbol in _outputs.OfType<SymbolPart>())
            Kernel.GetSymbol(symbol.Symbol).CopyTo(symbol.Content);

        return statistics;
    }

    public void Dispose()
    {
        foreach (var item in _owned)
            item.Dispose();
        _owned.Clear();
        _reservation.Dispose();
    }

    private static long BytesOf(Kernel kernel, LaunchRequest request)
    {
        var total = 0L;
        try
        {
            foreach (var argument in request.Arguments)
            {
                total = checked(total + argument switch
                {
                    LaunchBuffer buffer => buffer.Count!.Value * buffer.Element.Size,
                    LaunchTexture texture => texture.Description.TexelCount * texture.Description.TexelBytes,
                    _ => 0,
                });
            }

            foreach (var (name, symbol) in request.Symbols)
                total = checked(total + (((symbol.Input is null ? 0 : 1) + (symbol.Output is null ? 0 : 1)) * kernel.GetSymbol(name).ByteLength));
            return total;
        }
        catch (OverflowException)
        {
            throw WorkerProblem.TooLarge("The buffers have more bytes than can be counted.");
        }
    }

    private void Add(LaunchArgument argument, KernelParameter? parameter)
    {
        switch (argument)
        {
            case LaunchBuffer buffer:
                if (parameter is not null && LaunchCheck.ElementMismatch(parameter, buffer.Element) is { } mismatch)
                    throw new LaunchFileException("launch", buffer.JsonPath + ".buffer", mismatch);
                var memory = Kernel.Device.Allocate(buffer.Count!.Value * buffer.Element.Size, parameter?.Name);
                _owned.Add(memory);
                _arguments.Add(KernelArgument.Buffer(memory));
                Add(new BufferPart("", buffer.Element, memory.ByteLength, memory, 0), buffer.Input, buffer.Output, buffer.Fill);
                break;
            case LaunchTexture image:
                var texture = new DeviceTexture(Kernel.Device, image.Description, parameter?.Name);
                _owned.Add(texture);
                _arguments.Add(KernelArgument.Texture(texture));
                Add(new BufferPart("", image.Description.Element, texture.ByteLength, texture.Buffer, texture.Buffer.ByteLength - texture.ByteLength), image.Input, image.Output, image.Fill);
                break;
            case LaunchValue value:
                _arguments.Add(value.Type == IrType.Void ? KernelArgument.Bytes(value.Value) : KernelArgument.Scalar(value.Type, value.Value));
                break;
        }
    }

    private void Add(string name, LaunchSymbol symbol)
    {
        if (symbol.Texture is not null)
            throw new LaunchFileException("launch", symbol.JsonPath, "texture references belong to the kernel, which other launches share; pass a texture object as an argument");

        var memory = Kernel.GetSymbol(name);
        var type = Kernel.Source.Symbols.FirstOrDefault(s => s.Variable.Name == memory.Name)?.Variable.ElementType ?? IrType.Void;
        var element = ElementType.All.FirstOrDefault(e => e.Type == type) ?? ElementType.Find("uchar")!;
        if (symbol.Input is { } input)
            _inputs.Add(new SymbolPart(input, element, new byte[memory.ByteLength], name));
        if (symbol.Output is { } output)
            _outputs.Add(new SymbolPart(output, element, new byte[memory.ByteLength], name));
    }

    private void Add(BufferPart part, string? input, string? output, byte[]? fill)
    {
        if (input is not null)
            _inputs.Add(part with { Name = input });
        if (output is not null)
            _outputs.Add(part with { Name = output });
        if (fill is not null && !fill.All(b => b == 0))
            Fill(part, fill);
    }

    private static void Fill(BufferPart part, byte[] element)
    {
        var chunk = new byte[Math.Min(FillBytes / element.Length * element.Length, part.Bytes)];
        for (var i = 0; i < chunk.Length; i += element.Length)
            element.CopyTo(chunk, i);
        for (long at = 0; at < part.Bytes; at += chunk.Length)
            part.Write(chunk.AsSpan(0, (int)Math.Min(chunk.Length, part.Bytes - at)), at);
    }

    /// <summary>The answer's report, without the parts.</summary>
    public LaunchReport Report(double compileMs, LaunchOutcome outcome) => new(
        Kernel.Source.Name,
        Kernel.Device.Name,
        compileMs,
        outcome.Wait.TotalMilliseconds,
        outcome.Statistics.Elapsed.TotalMilliseconds,
        outcome.Printed,
        outcome.IsPrintedCut,
        [.. _outputs.Select(o => new OutputInfo(o.Name, o.Element.Name, o.Bytes))]);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Kernel.Source.Name} for {Tenant.Name}");
}

/// <param name="Statistics">Of the launch.</param>
/// <param name="Wait">For the device.</param>
/// <param name="Printed">What the kernel printed, as much of it as is kept.</param>
/// <param name="IsPrintedCut">There was more.</param>
internal sealed record LaunchOutcome(LaunchStatistics Statistics, TimeSpan Wait, string Printed, bool IsPrintedCut);
