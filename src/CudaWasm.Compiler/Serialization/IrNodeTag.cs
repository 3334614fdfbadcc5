using System.Collections.Frozen;
using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Serialization;

/// <summary>What stands in front of each node. The numbers are part of the format: see <see cref="CompilationFormat.Version"/>.</summary>
internal enum IrNodeTag : byte
{
    None,

    // Expressions.
    Constant,
    ParameterRead,
    SlotRead,
    BuiltinRead,
    Unary,
    Binary,
    Conditional,
    Convert,
    Bitcast,
    Address,
    VariableAddress,
    Load,
    IntrinsicCall,

    // Statements.
    Assign,
    Store,
    Copy,
    If,
    Loop,
    Labeled,
    Leave,
    Continue,
    Switch,
    Return,
    Call,
    Atomic,
    Barrier,
    Warp,
    Fence,
    Printf,
    Trap,
    Service,
}

internal static class IrNodeTags
{
    /// <summary>Every kind of node that the binder makes; what only passes make is never written.</summary>
    public static FrozenDictionary<Type, IrNodeTag> Of { get; } = new Dictionary<Type, IrNodeTag>
    {
        [typeof(IrConstant)] = IrNodeTag.Constant,
        [typeof(IrParameterRead)] = IrNodeTag.ParameterRead,
        [typeof(IrSlotRead)] = IrNodeTag.SlotRead,
        [typeof(IrBuiltinRead)] = IrNodeTag.BuiltinRead,
        [typeof(IrUnary)] = IrNodeTag.Unary,
        [typeof(IrBinary)] = IrNodeTag.Binary,
        [typeof(IrConditional)] = IrNodeTag.Conditional,
        [typeof(IrConvert)] = IrNodeTag.Convert,
        [typeof(IrBitcast)] = IrNodeTag.Bitcast,
        [typeof(IrAddress)] = IrNodeTag.Address,
        [typeof(IrVariableAddress)] = IrNodeTag.VariableAddress,
        [typeof(IrLoad)] = IrNodeTag.Load,
        [typeof(IrIntrinsicCall)] = IrNodeTag.IntrinsicCall,
        [typeof(IrAssign)] = IrNodeTag.Assign,
        [typeof(IrStore)] = IrNodeTag.Store,
        [typeof(IrCopy)] = IrNodeTag.Copy,
        [typeof(IrIf)] = IrNodeTag.If,
        [typeof(IrLoop)] = IrNodeTag.Loop,
        [typeof(IrLabeled)] = IrNodeTag.Labeled,
        [typeof(IrLeave)] = IrNodeTag.Leave,
        [typeof(IrContinue)] = IrNodeTag.Continue,
        [typeof(IrSwitch)] = IrNodeTag.Switch,
        [typeof(IrReturn)] = IrNodeTag.Return,
        [typeof(IrCall)] = IrNodeTag.Call,
        [typeof(IrAtomic)] = IrNodeTag.Atomic,
        [typeof(IrBarrier)] = IrNodeTag.Barrier,
        [typeof(IrWarp)] = IrNodeTag.Warp,
        [typeof(IrFence)] = IrNodeTag.Fence,
        [typeof(IrPrintf)] = IrNodeTag.Printf,
        [typeof(IrTrap)] = IrNodeTag.Trap,
        [typeof(IrService)] = IrNodeTag.Service,
    }.ToFrozenDictionary();
}
