using System.Collections;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using CudaWasm.Compiler;
using CudaWasm.Compiler.Inspection;
using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Runtime;

/// <summary>
/// Makes a launch's arguments from what a person has at a prompt: numbers, truth values, arrays of numbers (of one or more dimensions), and
/// buffers. Arrays that the kernel writes are copied to the device and, after the launch, back into the same array, unless they shall be used
/// in place; those that it only reads are never copied where the device shares the machine's memory.
/// </summary>
public sealed class ArgumentBinder : IDisposable
{
    private const int ChunkBytes = 1 << 30;

    private readonly List<KernelArgument> _arguments = [];
    private readonly List<(DeviceBuffer Buffer, Array Target, bool IsCopy)> _arrays = [];
    private readonly List<(DeviceTexture Texture, Array Target)> _textures = [];

    private readonly Device _device;
    private readonly HashSet<Array> _inPlace = new(ReferenceEqualityComparer.Instance);

    private ArgumentBinder(Device device, CompiledKernel kernel, IReadOnlyList<object?> arguments, bool inPlace)
    {
        _device = device;
        if (!device.SharesMemory || kernel.Module is null) return;
        var directions = ParameterDirections.Find(kernel.Module);
        var written = new HashSet<Array>(ReferenceEqualityComparer.Instance);
        for (var i = 0; i < arguments.Count; i++)
        {
            if (arguments[i] is not Array array || kernel.Parameters[i].Kind != KernelParameterKind.Pointer) continue;
            _inPlace.Add(array);
            if (directions[i] != ParameterDirection.In) written.Add(array);
        }

        if (!inPlace) _inPlace.ExceptWith(written);
    }

    public IReadOnlyList<KernelArgument> Arguments => _arguments;

    /// <param name="device">Where the kernel will run.</param>
    /// <param name="kernel">What the arguments are for.</param>
    /// <param name="arguments">In the order of the parameters.</param>
    /// <param name="inPlace">
    /// Kernels work in the arrays themselves, where the device shares the machine's memory: nothing is copied, and what a kernel that fails
    /// has written stays written. Else arrays change with <see cref="CopyBack"/> alone.
    /// </param>
    /// <exception cref="KernelArgumentException">Wrong count, or an argument that cannot be what its parameter wants.</exception>
    public static ArgumentBinder Bind(Device device, CompiledKernel kernel, IReadOnlyList<object?> arguments, bool inPlace = false)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(kernel);
        ArgumentNullException.ThrowIfNull(arguments);
        if (arguments.Count != kernel.Parameters.Count)
        {
            throw new KernelArgumentException(
                DiagnosticCodes.BadArgument,
                string.Create(CultureInfo.InvariantCulture, $"Kernel {kernel.Name} takes {kernel.Parameters.Count} arguments ({string.Join(", ", kernel.Parameters.Select(p => $"{p.TypeName} {p.Name}"))}), but {arguments.Count} were given."));
        }

        var binder = new ArgumentBinder(device, kernel, arguments, inPlace);
        try
        {
            for (var i = 0; i < arguments.Count; i++) binder._arguments.Add(binder.Bind(kernel.Parameters[i], arguments[i]));
            return binder;
        }
        catch
        {
            binder.Dispose();
            throw;
        }
    }

    /// <summary>Copies the arrays to the device once more, as when they were bound.</summary>
    public void Upload()
    {
        foreach (var (buffer, source, isCopy) in _arrays)
        {
            if (isCopy) CopyIn(buffer, source);
        }

        foreach (var (texture, source) in _textures) texture.CopyFrom(BytesOf(source));
    }

    /// <summary>Copies the buffers of arrays back into the arrays.</summary>
    public void CopyBack()
    {
        foreach (var (buffer, target, isCopy) in _arrays)
        {
            if (isCopy) CopyOut(buffer, target);
        }

        foreach (var (texture, target) in _textures) texture.CopyTo(BytesOf(target));
    }

    public void Dispose()
    {
        foreach (var (buffer, _, _) in _arrays) buffer.Dispose();
        foreach (var (texture, _) in _textures) texture.Dispose();
        _arrays.Clear();
        _textures.Clear();
    }

    private static void CopyIn(DeviceBuffer buffer, Array source)
    {
        for (long at = 0; at < buffer.ByteLength; at += ChunkBytes) buffer.CopyFrom(BytesOf(source, at), at);
    }

    private static void CopyOut(DeviceBuffer buffer, Array target)
    {
        for (long at = 0; at < buffer.ByteLength; at += ChunkBytes) buffer.CopyTo(BytesOf(target, at), at);
    }

    /// <summary>Up to <see cref="ChunkBytes"/> of an array from a byte on; a span cannot have all of a large one.</summary>
    private static Span<byte> BytesOf(Array array, long from)
    {
        var bytes = ((long)array.Length * ElementType.Of(array.GetType().GetElementType()!)!.Value.Size()) - from;
        ref var start = ref Unsafe.AddByteOffset(ref MemoryMarshal.GetArrayDataReference(array), (nint)from);
        return MemoryMarshal.CreateSpan(ref start, (int)Math.Min(bytes, ChunkBytes));
    }

    private static Span<byte> BytesOf(Array array) => array.Length == 0
        ? []
        : MemoryMarshal.CreateSpan(ref MemoryMarshal.GetArrayDataReference(array), checked(array.Length * ElementType.Of(array.GetType().GetElementType()!)!.Value.Size()));

    private KernelArgument Bind(KernelParameter parameter, object? argument) => parameter.Kind switch
    {
        KernelParameterKind.Pointer => BindPointer(parameter, argument),
        KernelParameterKind.Aggregate => BindAggregate(parameter, argument),
        KernelParameterKind.Texture or KernelParameterKind.Surface => BindTexture(parameter, argument),
        _ => BindScalar(parameter, argument),
    };

    private KernelArgument BindPointer(KernelParameter parameter, object? argument)
    {
        switch (argument)
        {
            case null:
                return KernelArgument.Null;
            case DeviceBuffer buffer:
                return KernelArgument.Buffer(buffer);
            case Array array when ElementType.Of(array.GetType().GetElementType()!) is { } type:
                // An array that is given twice is one buffer, as it is one array.
                var known = _arrays.FindIndex(a => ReferenceEquals(a.Target, array));
                if (known >= 0) return KernelArgument.Buffer(_arrays[known].Buffer);
                if (parameter.Element != IrType.Void && (parameter.Element.Size() != type.Size() || parameter.Element.IsFloat() != type.IsFloat()))
                {
                    throw Wrong(parameter, $"an array of {ElementType.NameOf(parameter.Element)} is expected, but one of {ElementType.NameOf(type)} was given.");
                }

                if (_inPlace.Contains(array))
                {
                    var view = _device.Wrap(array, parameter.Name);
                    _arrays.Add((view, array, false));
                    return KernelArgument.Buffer(view);
                }

                var copy = _device.Allocate((long)array.Length * type.Size(), parameter.Name);
                _arrays.Add((copy, array, true));
                CopyIn(copy, array);
                return KernelArgument.Buffer(copy);
            default:
                throw Wrong(parameter, $"an array or a buffer is expected, but {Describe(argument)} was given.");
        }
    }

    private KernelArgument BindTexture(KernelParameter parameter, object? argument)
    {
        switch (argument)
        {
            case null:
                return KernelArgument.Null;
            case DeviceTexture texture:
                return KernelArgument.Texture(texture);
            case Array or IDictionary:
                return KernelArgument.Texture(CreateTexture(parameter.Name, argument));
            default:
                throw Wrong(parameter, $"an array of texels, or a table with {string.Join(", ", TextureArgument.Keys)}, is expected, but {Describe(argument)} was given.");
        }
    }

    private DeviceTexture CreateTexture(string name, object argument)
    {
        var (data, description) = TextureArgument.Read(argument, a => ElementType.Of(a.GetType().GetElementType()!) is { } type ? ElementType.All.FirstOrDefault(e => e.Type == type) : null);
        var known = _textures.FindIndex(t => ReferenceEquals(t.Target, data) && t.Texture.Description == description);
        if (known >= 0) return _textures[known].Texture;
        var texture = new DeviceTexture(_device, description, name);
        _textures.Add((texture, data));
        texture.CopyFrom(BytesOf(data));
        return texture;
    }

    private static KernelArgument BindAggregate(KernelParameter parameter, object? argument)
    {
        if (argument is not Array array || ElementType.Of(array.GetType().GetElementType()!) is null)
        {
            throw Wrong(parameter, string.Create(CultureInfo.InvariantCulture, $"an array with its {parameter.Bytes} bytes is expected, but {Describe(argument)} was given."));
        }

        var bytes = BytesOf(array);
        return bytes.Length == parameter.Bytes ? KernelArgument.Bytes(bytes)
            : throw Wrong(parameter, string.Create(CultureInfo.InvariantCulture, $"{parameter.Bytes} bytes are expected, but the array has {bytes.Length}."));
    }

    private static KernelArgument BindScalar(KernelParameter parameter, object? argument)
    {
        if (argument is not IConvertible value || argument is string or char or DateTime || Convert.IsDBNull(argument))
        {
            if (argument is Half half) value = (float)half;
            else throw Wrong(parameter, $"a number is expected, but {Describe(argument)} was given.");
        }

        var culture = CultureInfo.InvariantCulture;
        try
        {
            return parameter.Element switch
            {
                IrType.Bool => KernelArgument.FromBoolean(value.ToBoolean(culture)),
                IrType.F16 => KernelArgument.FromHalf((Half)value.ToDouble(culture)),
                IrType.F32 => KernelArgument.FromSingle((float)value.ToDouble(culture)),
                IrType.F64 => KernelArgument.FromDouble(value.ToDouble(culture)),
                _ when argument is float or double or decimal && Math.Truncate(value.ToDouble(culture)) != value.ToDouble(culture) =>
                    throw Wrong(parameter, $"a whole number is expected, but {value.ToString(culture)} was given."),
                IrType.I8 => KernelArgument.FromSByte(value.ToSByte(culture)),
                IrType.U8 => KernelArgument.FromByte(value.ToByte(culture)),
                IrType.I16 => KernelArgument.FromInt16(value.ToInt16(culture)),
                IrType.U16 => KernelArgument.FromUInt16(value.ToUInt16(culture)),
                IrType.I32 => KernelArgument.FromInt32(value.ToInt32(culture)),
                IrType.U32 => KernelArgument.FromUInt32(value.ToUInt32(culture)),
                IrType.I64 => KernelArgument.FromInt64(value.ToInt64(culture)),
                IrType.U64 => KernelArgument.FromUInt64(value.ToUInt64(culture)),
                _ => throw Wrong(parameter, "this type cannot be given."),
            };
        }
        catch (OverflowException)
        {
            throw Wrong(parameter, $"{value.ToString(culture)} is out of the range of {ElementType.NameOf(parameter.Element)}.");
        }
    }

    private static string Describe(object? argument) => argument switch
    {
        null => "null",
        DeviceTexture => "a texture",
        Array => $"an array of {argument.GetType().GetElementType()!.Name}",
        DeviceBuffer => "a buffer",
        _ => $"a {argument.GetType().Name}",
    };

    private static KernelArgumentException Wrong(KernelParameter parameter, string message) =>
        new(DiagnosticCodes.BadArgument, $"Parameter {parameter.Name} ({parameter.TypeName}): {message}");
}
