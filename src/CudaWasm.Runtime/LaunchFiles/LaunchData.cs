using System.Globalization;
using CudaWasm.Compiler;
using CudaWasm.Compiler.IR;

namespace CudaWasm.Runtime;

/// <summary>The buffers of a launch file's run: from the input files onto the device, and from there into the output files.</summary>
internal sealed partial class LaunchData : ILaunchInputs
{
    private const int ChunkBytes = 1 << 20;

    private readonly LaunchFile _file;
    private readonly Kernel _kernel;
    private readonly List<KernelArgument> _arguments = [];
    private readonly List<DeviceBuffer> _owned = [];
    private readonly List<Item> _items = [];
    private readonly List<DeviceBuffer> _uninitialized = [];

    public LaunchData(LaunchFile file, Device device, Kernel kernel)
    {
        _file = file;
        _kernel = kernel;
        try
        {
            for (var i = 0; i < file.Arguments.Count; i++) Add(file.Arguments[i], i, device, kernel.Source);
            CheckArguments();
            foreach (var (name, symbol) in file.Symbols) Add(name, symbol, device, kernel);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>A buffer with where its content comes from and goes to.</summary>
    private sealed record Item(DeviceBuffer Buffer, ElementType Element, IReadOnlyList<long> Shape, string? Input, long InputOffset, byte[]? Fill, string? Output)
    {
        /// <summary>Where in the buffer the content begins.</summary>
        public long Start { get; init; }

        public long ByteLength => Buffer.ByteLength - Start;
    }

    public IReadOnlyList<KernelArgument> Arguments => _arguments;

    /// <summary>The buffers that the file gives no content; they are zero.</summary>
    public IReadOnlyList<DeviceBuffer> Uninitialized => _uninitialized;

    /// <summary>Gives every buffer and every variable its first content.</summary>
    public void Upload()
    {
        _kernel.ResetSymbols();
        foreach (var item in _items)
        {
            if (item.Input is not null) Copy(item);
            else if (item.Fill is not null) Fill(item, item.Fill);
        }
    }

    /// <summary>Writes all outputs next to their places first, and moves them there when all are whole.</summary>
    public IReadOnlyList<LaunchOutput> WriteOutputs()
    {
        var written = new List<(string Temporary, Item Item)>();
        try
        {
            foreach (var item in _items.Where(i => i.Output is not null))
            {
                var temporary = $"{item.Output}.{Guid.NewGuid():N}.tmp";
                written.Add((temporary, item));
                Write(item, temporary);
            }

            foreach (var (temporary, item) in written) File.Move(temporary, item.Output!, true);
            return [.. written.Select(w => new LaunchOutput(w.Item.Output!, w.Item.Element.Name, w.Item.Shape))];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LaunchFileException(_file.Path, null, $"the outputs cannot be written: {e.Message}", e);
        }
        finally
        {
            foreach (var (temporary, _) in written) File.Delete(temporary);
        }
    }

    public void Dispose()
    {
        foreach (var buffer in _owned) buffer.Dispose();
    }

    private void Add(LaunchArgument argument, int index, Device device, CompiledKernel kernel)
    {
        if (argument is LaunchValue value)
        {
            _arguments.Add(value.Type == IrType.Void ? KernelArgument.Bytes(value.Value) : KernelArgument.Scalar(value.Type, value.Value));
            return;
        }

        if (argument is LaunchTexture image)
        {
            _arguments.Add(KernelArgument.Texture(Create(image, index < kernel.Parameters.Count ? kernel.Parameters[index].Name : null, device)));
            return;
        }

        var buffer = (LaunchBuffer)argument;
        var name = index < kernel.Parameters.Count ? kernel.Parameters[index].Name : string.Create(CultureInfo.InvariantCulture, $"argument {index}");
        IReadOnlyList<long>? shape = null;
        long offset = 0;
        var count = buffer.Count;
        if (buffer.Input is not null)
        {
            (var found, shape, offset) = Inspect(buffer.Input, buffer.Element, buffer.JsonPath + ".input");
            count ??= found;
            if (count != found)
            {
                throw Wrong(buffer.JsonPath + ".count", string.Create(CultureInfo.InvariantCulture, $"{count} elements are expected, but {buffer.Input} has {found} of type {buffer.Element.Name}"));
            }
        }

        CheckElement(buffer, index, kernel);
        var memory = device.Allocate(checked(count!.Value * buffer.Element.Size), name);
        _owned.Add(memory);
        if (buffer is { Input: null, Fill: null }) _uninitialized.Add(memory);
        _arguments.Add(KernelArgument.Buffer(memory));
        _items.Add(new Item(memory, buffer.Element, shape ?? [count.Value], buffer.Input, offset, buffer.Fill ?? new byte[1], buffer.Output));
    }

    private DeviceTexture Create(LaunchTexture texture, string? name, Device device)
    {
        var description = texture.Description;
        var (shape, offset) = (description.Shape, 0L);
        if (texture.Input is not null)
        {
            (var found, var inputShape, offset) = Inspect(texture.Input, description.Element, texture.JsonPath + ".input");
            var count = description.TexelCount * description.Channels;
            if (found != count) throw Wrong(texture.JsonPath + ".input", string.Create(CultureInfo.InvariantCulture, $"the texture has {count} numbers of type {description.Element.Name}, but {texture.Input} has {found}"));
            shape = inputShape ?? shape;
        }

        var memory = new DeviceTexture(device, description, name);
        _owned.Add(memory.Buffer);
        _items.Add(new Item(memory.Buffer, description.Element, shape, texture.Input, offset, texture.Fill ?? new byte[1], texture.Output) { Start = memory.Buffer.ByteLength - memory.ByteLength });
        return memory;
    }

    private void CheckArguments()
    {
        try
        {
            LaunchCheck.Arguments(_kernel.Source, _arguments);
        }
        catch (KernelArgumentException e)
        {
            throw Wrong("$.arguments", e.Message, e);
        }
    }

    private void CheckElement(LaunchBuffer buffer, int index, CompiledKernel kernel)
    {
        if (index < kernel.Parameters.Count && LaunchCheck.ElementMismatch(kernel.Parameters[index], buffer.Element) is { } mismatch) throw Wrong(buffer.JsonPath + ".buffer", mismatch);
    }

    private void Add(string name, LaunchSymbol symbol, Device device, Kernel kernel)
    {
        DeviceBuffer memory;
        try
        {
            if (symbol.Texture is { } texture)
            {
                kernel.BindTexture(name, Create(texture, name, device));
                return;
            }

            memory = kernel.GetSymbol(name);
        }
        catch (KernelArgumentException e)
        {
            throw Wrong(symbol.JsonPath, e.Message, e);
        }

        var type = kernel.Source.Symbols.FirstOrDefault(s => s.Variable.Name == memory.Name)?.Variable.ElementType ?? IrType.Void;
        var element = ElementType.All.FirstOrDefault(e => e.Type == type) ?? ElementType.Find("uchar")!;
        IReadOnlyList<long> shape = [memory.ByteLength / element.Size];
        long offset = 0;
        if (symbol.Input is not null)
        {
            (var found, var inputShape, offset) = Inspect(symbol.Input, element, symbol.JsonPath + ".input");
            shape = inputShape ?? shape;
            if (found * element.Size != memory.ByteLength)
            {
                throw Wrong(symbol.JsonPath + ".input", string.Create(CultureInfo.InvariantCulture, $"variable {name} has {memory.ByteLength} bytes, but {symbol.Input} has {found * element.Size}"));
            }
        }

        _items.Add(new Item(memory, element, shape, symbol.Input, offset, null, symbol.Output));
    }

    /// <summary>How many elements an input file holds, its shape if it tells one, and where they begin.</summary>
    private (long Count, IReadOnlyList<long>? Shape, long Offset) Inspect(string path, ElementType element, string jsonPath)
    {
        try
        {
            using var stream = File.OpenRead(path);
            if (!IsNpy(path))
            {
                if (stream.Length % element.Size != 0) throw Wrong(jsonPath, string.Create(CultureInfo.InvariantCulture, $"{path} has {stream.Length} bytes, which is no multiple of the {element.Size} bytes of a {element.Name}"));
                return (stream.Length / element.Size, null, 0);
            }

            var npy = NpyFile.ReadHeader(stream);
            if (npy.Element != element && !(npy.Element.Size == 1 && element.Size == 1)) throw Wrong(jsonPath, $"{path} holds {npy.Element.Name}, but {element.Name} is expected");
            if (stream.Length - npy.DataOffset < npy.Count * element.Size) throw Wrong(jsonPath, $"{path} is cut off: its elements take more bytes than it has");
            return (npy.Count, npy.Shape, npy.DataOffset);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException or OverflowException)
        {
            throw Wrong(jsonPath, $"{path} cannot be read: {e.Message}", e);
        }
    }

    private void Copy(Item item)
    {
        try
        {
            using var stream = File.OpenRead(item.Input!);
            stream.Seek(item.InputOffset, SeekOrigin.Begin);
            var chunk = new byte[Math.Min(ChunkBytes, item.ByteLength)];
            for (long at = 0; at < item.ByteLength; at += chunk.Length)
            {
                var part = chunk.AsSpan(0, (int)Math.Min(chunk.Length, item.ByteLength - at));
                stream.ReadExactly(part);
                item.Buffer.CopyFrom(part, item.Start + at);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LaunchFileException(_file.Path, null, $"{item.Input} cannot be read: {e.Message}", e);
        }
    }

    private static void Fill(Item item, byte[] element)
    {
        var chunk = new byte[Math.Min(ChunkBytes, item.ByteLength)];
        for (var i = 0; i < chunk.Length; i += element.Length) element.CopyTo(chunk, i);
        for (long at = 0; at < item.ByteLength; at += chunk.Length) item.Buffer.CopyFrom(chunk.AsSpan(0, (int)Math.Min(chunk.Length, item.ByteLength - at)), item.Start + at);
    }

    private static void Write(Item item, string path)
    {
        using var stream = File.Create(path);
        if (IsNpy(item.Output!)) stream.Write(NpyFile.Header(item.Element, item.Shape));
        var chunk = new byte[Math.Min(ChunkBytes, item.ByteLength)];
        for (long at = 0; at < item.ByteLength; at += chunk.Length)
        {
            var part = chunk.AsSpan(0, (int)Math.Min(chunk.Length, item.ByteLength - at));
            item.Buffer.CopyTo(part, item.Start + at);
            stream.Write(part);
        }
    }

    private static bool IsNpy(string path) => path.EndsWith(".npy", StringComparison.OrdinalIgnoreCase);

    private LaunchFileException Wrong(string jsonPath, string message, Exception? inner = null) => new(_file.Path, jsonPath, message, inner);
}
