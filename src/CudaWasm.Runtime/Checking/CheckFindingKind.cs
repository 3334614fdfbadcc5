namespace CudaWasm.Runtime;

/// <summary>What a checked launch may find.</summary>
public enum CheckFindingKind
{
    /// <summary>An access outside of its buffer or variable, or through a null pointer.</summary>
    OutOfBounds,

    /// <summary>An access at an address that is no multiple of its size; of a vector, of the vector's alignment.</summary>
    Misaligned,

    /// <summary>A read of memory, or of a variable, that was never written.</summary>
    UninitializedRead,

    /// <summary>Two threads use the same memory, one of them writes, and nothing orders the two.</summary>
    Race,

    /// <summary>A barrier that some threads of the block do not reach.</summary>
    DivergentBarrier,

    /// <summary>A warp operation whose mask names lanes that do not come.</summary>
    DivergentWarp,

    /// <summary>What ended a block: a division by zero, a failed assertion, a trap, too deep a recursion.</summary>
    Fault,
}
