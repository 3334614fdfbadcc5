using System.Globalization;
using CudaWasm.Compiler;
using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Passes;
using CudaWasm.Compiler.Targets.Cil;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Runtime.Cpu;

/// <summary>Says in words what went wrong in a block.</summary>
internal static unsafe class FaultReport
{
    public static KernelFaultException Create(
        CompiledKernel source, CilKernel code, LaunchConfiguration configuration, KernelFault fault, long block, BlockContext* context)
    {
        var site = code.Sites[fault.Site];
        var thread = configuration.Block.IndexOf(fault.Thread);
        var blockIndex = configuration.Grid.IndexOf(block);
        var who = $"thread {thread} of block {blockIndex}";
        string? buffer = null;
        long? index = null;
        var diagnosticCode = site.Code;
        string message;
        switch (site.Code)
        {
            case DiagnosticCodes.OutOfBounds:
                (diagnosticCode, message, buffer, index) = Access(source, code, site, fault, context);
                message = $"{who} {message}";
                break;
            case DiagnosticCodes.DivisionByZero:
                message = $"{who} divides an integer by zero.";
                break;
            case DiagnosticCodes.StackOverflow:
                message = $"{who} recurses too deep. Look for a recursion without end, or one that fits a loop.";
                break;
            case DiagnosticCodes.DivergentBarrier:
                message = $"barrier in divergent code: {who} waits here, but thread {configuration.Block.IndexOf(fault.OtherThread!.Value)} runs elsewhere. All threads of a block that have not returned must reach the same barrier.";
                break;
            default:
                message = $"{site.Message ?? "trap"} ({who})";
                break;
        }

        var diagnostic = new Diagnostic(diagnosticCode, DiagnosticSeverity.Error, site.Span, message);
        return new KernelFaultException(diagnostic, source.Name, thread, blockIndex) { BufferName = buffer, Index = index };
    }

    /// <summary>What is wrong with an access, without who does it.</summary>
    public static (string Code, string Message, string? Buffer, long? Index) Access(CompiledKernel source, CilKernel code, FaultSite site, KernelFault fault, BlockContext* context)
    {
        var name = site.Root?.Name;
        long offset;
        long length;
        if (fault.Pointer is { } pointer)
        {
            var id = CilPointer.Id(pointer);
            if (id == 0) return Null(site, name);
            offset = CilPointer.Offset(pointer);
            length = context->Objects[id].Length;
            name = NameOf(source, code, id, context) ?? name;
        }
        else
        {
            offset = fault.Offset!.Value;
            (length, var tag) = Locate(code, site.Root!, context);
            if (CilPointer.Id(tag) == 0) return Null(site, name);
            // A null pointer that could also have pointed to the root gives a very wrong offset from it.
            if (CilPointer.Id(tag + offset) == 0) return Null(site, null);
        }

        var bytes = Math.Max(1, site.Bytes);
        var verb = site.IsWrite ? "writes" : "reads";
        if (offset >= 0 && offset <= length - bytes)
        {
            return (DiagnosticCodes.Misaligned, Text($"{verb} {bytes} bytes at byte offset {offset} of {(name ?? "memory")}, which is no multiple of their alignment."), name, null);
        }

        var index = Math.DivRem(offset, bytes, out var rest);
        if (rest < 0) index--;
        if (site.Access == IrType.Void)
        {
            return (DiagnosticCodes.OutOfBounds, Text($"{verb} {bytes} bytes at byte offset {offset} of {(name ?? "memory")}, which has {length} bytes."), name, null);
        }

        var element = ElementType.NameOf(site.Access);
        return (DiagnosticCodes.OutOfBounds, Text($"{verb} {(name ?? "memory")}[{index}], but {name ?? "it"} has {length / bytes} elements of type {element}."), name, index);
    }

    private static (string Code, string Message, string? Buffer, long? Index) Null(FaultSite site, string? name) =>
        (DiagnosticCodes.OutOfBounds, $"{(site.IsWrite ? "writes" : "reads")} through a null pointer{(name is null ? "" : $" ({name})")}.", name, null);

    /// <summary>Length of a root and the pointer to it.</summary>
    private static (long Length, long Tag) Locate(CilKernel code, PointerRoot root, BlockContext* context)
    {
        if (root.Parameter is { } parameter)
        {
            var tag = *(long*)(context->Arguments + code.ParameterOffsets[parameter.Index]);
            return (context->Objects[CilPointer.Id(tag)].Length, tag);
        }

        // Local variables of functions have no entry of their own.
        var place = code.Objects.FirstOrDefault(o => ReferenceEquals(o.Variable, root.Variable));
        return place is null ? (root.Variable!.Bytes, CilPointer.Tag(code.StackObject)) : (context->Objects[place.Id].Length, CilPointer.Tag(place.Id));
    }

    /// <summary>The parameter or variable of an object.</summary>
    public static string? NameOf(CompiledKernel source, CilKernel code, int id, BlockContext* context)
    {
        for (var i = 0; i < source.Parameters.Count; i++)
        {
            if (source.Parameters[i].Kind is KernelParameterKind.Pointer or KernelParameterKind.Texture or KernelParameterKind.Surface && CilPointer.Id(*(long*)(context->Arguments + code.ParameterOffsets[i])) == id) return source.Parameters[i].Name;
        }

        return code.Objects.FirstOrDefault(o => o.Id == id)?.Variable.Name;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
