using System.Globalization;
using CudaWasm.Compiler;
using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Runtime;

/// <summary>Checks a launch against the kernel and against CUDA's limits (those of compute capability 9.0).</summary>
public static class LaunchCheck
{
    public const int MaxThreadsPerBlock = 1024;
    public const long MaxGridX = int.MaxValue;
    public const long MaxGridYZ = 65535;
    public const int MaxBlockZ = 64;

    /// <summary>Static shared memory.</summary>
    public const long MaxStaticSharedBytes = 48 * 1024;

    /// <summary>Static and dynamic shared memory together.</summary>
    public const long MaxSharedBytes = 227 * 1024;

    public static void Configuration(CompiledKernel kernel, LaunchConfiguration configuration)
    {
        var (grid, block) = (configuration.Grid, configuration.Block);
        Axis("grid", "x", grid.X, MaxGridX);
        Axis("grid", "y", grid.Y, MaxGridYZ);
        Axis("grid", "z", grid.Z, MaxGridYZ);
        Axis("block", "x", block.X, MaxThreadsPerBlock);
        Axis("block", "y", block.Y, MaxThreadsPerBlock);
        Axis("block", "z", block.Z, MaxBlockZ);
        if (block.Count > MaxThreadsPerBlock) throw Bad($"A block of {block} has {Text(block.Count)} threads; {MaxThreadsPerBlock} are allowed.");
        if (kernel.Module?.Kernel.MaxThreadsPerBlock is { } bound && block.Count > bound)
        {
            throw Bad($"Kernel {kernel.Name} is declared with __launch_bounds__({Text(bound)}), but the block {block} has {Text(block.Count)} threads.");
        }

        if (configuration.SharedBytes < 0) throw Bad($"{Text(configuration.SharedBytes)} bytes of shared memory were asked for.");
        if (kernel.StaticSharedBytes > MaxStaticSharedBytes)
        {
            throw Bad($"Kernel {kernel.Name} has {Text(kernel.StaticSharedBytes)} bytes of static shared memory; {MaxStaticSharedBytes} are allowed. Use extern __shared__ memory for more.");
        }

        if (kernel.StaticSharedBytes + configuration.SharedBytes > MaxSharedBytes)
        {
            throw Bad($"Kernel {kernel.Name} would have {Text(kernel.StaticSharedBytes)} bytes of static and {Text(configuration.SharedBytes)} bytes of dynamic shared memory; {MaxSharedBytes} are allowed together.");
        }
    }

    public static void Blocks(LaunchConfiguration configuration, BlockRange? blocks)
    {
        if (blocks is not { } range || (range.First >= 0 && range.Count >= 0 && range.First <= configuration.Grid.Count - range.Count)) return;
        throw Bad($"{Text(range.Count)} blocks from block {Text(range.First)} on are no part of the grid {configuration.Grid}.");
    }

    public static void Arguments(CompiledKernel kernel, IReadOnlyList<KernelArgument> arguments)
    {
        var parameters = kernel.Parameters;
        if (arguments.Count != parameters.Count)
        {
            throw new KernelArgumentException(
                DiagnosticCodes.BadArgument,
                $"Kernel {kernel.Name} takes {Text(parameters.Count)} arguments ({string.Join(", ", parameters.Select(p => $"{p.TypeName} {p.Name}"))}), but {Text(arguments.Count)} were given.");
        }

        for (var i = 0; i < parameters.Count; i++)
        {
            if (Mismatch(parameters[i], arguments[i]) is { } mismatch)
            {
                throw new KernelArgumentException(DiagnosticCodes.BadArgument, $"Argument {Text(i)} of kernel {kernel.Name}, {parameters[i].TypeName} {parameters[i].Name}: {mismatch}");
            }
        }
    }

    /// <summary>
    /// Why a buffer of such elements does not fit a parameter; null if it does. A pointer to float cannot have a buffer of double; what a
    /// struct holds is not looked into.
    /// </summary>
    public static string? ElementMismatch(KernelParameter parameter, ElementType element)
    {
        if (parameter.Kind != KernelParameterKind.Pointer || parameter.Element == IrType.Void) return null;
        var isScalar = parameter.PointeeBytes == parameter.Element.Size();
        var differs = parameter.Element.Size() != element.Size || parameter.Element.IsFloat() != element.Type.IsFloat();
        return isScalar && differs && parameter.Element != IrType.BF16 && parameter.Element.Size() > 1
            ? $"parameter {parameter.Name} is {parameter.TypeName}: a buffer of {ElementType.NameOf(parameter.Element)} is expected, not of {element.Name}"
            : null;
    }

    /// <summary>Why an argument does not fit a parameter; null if it does.</summary>
    private static string? Mismatch(KernelParameter parameter, KernelArgument argument)
    {
        if (parameter.Kind is KernelParameterKind.Texture or KernelParameterKind.Surface)
        {
            return argument.IsPointer && (argument.DeviceBuffer is null || argument.DeviceTexture is not null) ? null : $"a {(parameter.Kind == KernelParameterKind.Texture ? "texture" : "surface")} is expected, but {Describe(argument)} was given.";
        }

        if (argument.DeviceTexture is not null) return $"{(parameter.Kind == KernelParameterKind.Pointer ? "a buffer" : "a value")} is expected, but a texture was given.";
        if (parameter.Kind == KernelParameterKind.Pointer)
        {
            if (!argument.IsPointer) return $"a buffer is expected, but {Describe(argument)} was given.";
            if (argument.DeviceBuffer is not { } buffer) return null;
            if (argument.ByteOffset < 0 || argument.ByteOffset > buffer.ByteLength) return $"offset {Text(argument.ByteOffset)} lies outside of the buffer of {Text(buffer.ByteLength)} bytes.";
            var size = Math.Max(1, parameter.Element.Size());
            return argument.ByteOffset % size == 0 ? null : $"offset {Text(argument.ByteOffset)} is no multiple of the element's {Text(size)} bytes.";
        }

        if (argument.IsPointer) return "a value is expected, but a buffer was given.";
        if (argument.Value!.Length != parameter.Bytes) return $"{Text(parameter.Bytes)} bytes are expected, but {Describe(argument)} of {Text(argument.Value.Length)} bytes was given.";
        var isTyped = parameter.Kind == KernelParameterKind.Scalar && argument.Type != IrType.Void;
        return isTyped && argument.Type.IsFloat() != parameter.Element.IsFloat() ? $"{Describe(argument)} was given." : null;
    }

    private static string Describe(KernelArgument argument) =>
        argument.IsPointer ? "a buffer" : argument.Type == IrType.Void ? "a value" : $"a value of type {ElementType.NameOf(argument.Type)}";

    private static void Axis(string what, string axis, long value, long limit)
    {
        if (value < 1 || value > limit) throw Bad($"The {what}'s {axis} is {Text(value)}; it must be from 1 to {Text(limit)}.");
    }

    private static KernelArgumentException Bad(string message) => new(DiagnosticCodes.BadLaunch, message);

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
