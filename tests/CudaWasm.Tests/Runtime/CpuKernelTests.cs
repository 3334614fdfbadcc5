using CudaWasm.Runtime;
using CudaWasm.Runtime.Cpu;

namespace CudaWasm.Tests.Runtime;

public sealed class CpuKernelTests() : KernelTests(new CpuDevice(2));

/// <summary>One thread after the other: the oracle of the vector code.</summary>
public sealed class ScalarCpuKernelTests() : KernelTests(new CpuDevice(2))
{
    protected override LoadOptions Options => new() { VectorBits = 0 };
}

public sealed class Vector128CpuKernelTests() : KernelTests(new CpuDevice(2))
{
    protected override LoadOptions Options => new() { VectorBits = 128 };
}

public sealed class Vector256CpuKernelTests() : KernelTests(new CpuDevice(2))
{
    protected override LoadOptions Options => new() { VectorBits = 256 };
}

/// <summary>The library does the operations in halves where the processor has no such vectors.</summary>
public sealed class Vector512CpuKernelTests() : KernelTests(new CpuDevice(2))
{
    protected override LoadOptions Options => new() { VectorBits = 512 };
}

/// <summary>Values take several registers.</summary>
public sealed class TwoRegisterCpuKernelTests() : KernelTests(new CpuDevice(2))
{
    protected override LoadOptions Options => new() { VectorBits = 128, VectorRegisters = 2 };
}

public sealed class FourRegisterCpuKernelTests() : KernelTests(new CpuDevice(2))
{
    protected override LoadOptions Options => new() { VectorBits = 256, VectorRegisters = 4 };
}

public sealed class CpuUncheckedKernelTests() : KernelTests(new CpuDevice(2))
{
    protected override LoadOptions Options => new() { Unchecked = true };

    protected override bool IsChecked => false;
}
