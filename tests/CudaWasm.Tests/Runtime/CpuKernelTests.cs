using CudaWasm.Runtime;
using CudaWasm.Runtime.Cpu;

namespace CudaWasm.Tests.Runtime;

public sealed class CpuKernelTests() : KernelTests(new CpuDevice(2));

public sealed class CpuUncheckedKernelTests() : KernelTests(new CpuDevice(2))
{
    protected override LoadOptions Options => new() { Unchecked = true };

    protected override bool IsChecked => false;
}
