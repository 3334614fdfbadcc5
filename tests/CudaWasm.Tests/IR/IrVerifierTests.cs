using CudaWasm.Compiler.IR;
using CudaWasm.Tests.Runtime;
using static CudaWasm.Tests.Runtime.KernelWriter;

namespace CudaWasm.Tests.IR;

public sealed class IrVerifierTests
{
    [Fact]
    public void A_sound_kernel_has_no_errors_and_prints_as_it_was_written()
    {
        var k = new KernelWriter("sum");
        var x = k.Pointer("x", IrType.F32);
        var (i, sum) = (k.Slot("i", IrType.I32), k.Slot("sum", IrType.F32));
        k.For(i, Int(0), Int(4), loop =>
        {
            k.If(Equal(IrBuilder.Read(i), ThreadX), () => k.Continue(loop));
            k.Assign(sum, Add(IrBuilder.Read(sum), Load(x, IrBuilder.Read(i), IrType.F32)));
        });
        k.Store(x, ThreadX, IrBuilder.Read(sum));

        Assert.Empty(IrVerifier.Verify(k.Module()));
        Assert.Equal(
            """
            kernel sum(pointer x)
            {
              i32 i.0
              f32 sum.1
              i.0 = 0
              loop loop0 while (i.0 < 4)
                if (i.0 == i32($ThreadIdxX))
                  continue loop0
                sum.1 = (sum.1 + f32[x + i.0*4])
              step
                i.0 = (i.0 + 1)
              f32[x + i32($ThreadIdxX)*4] = sum.1
            }

            """.ReplaceLineEndings("\n"),
            IrPrinter.Print(k.Module()));
    }

    [Fact]
    public void What_passes_rely_on_is_checked()
    {
        Has("assigns F32 to the I32 slot", k => k.Assign(k.Slot("i", IrType.I32), IrBuilder.Float(IrType.F32, 1)));
        Has("leaves a region that is not around it", k => k.Leave(new IrLabel("nowhere")));
        Has("Add of I32 and U32", k => k.Store(k.Pointer("x", IrType.I32), Int(0), new IrBinary(IrBinaryOp.Add, ThreadX, IrBuilder.Builtin(IrBuiltin.BlockDimX))));
        Has("condition that is no Bool", k => k.If(ThreadX, () => { }));
        Has("of another function", k => k.Store(k.Pointer("x", IrType.I32), Int(0), IrBuilder.Read(new IrSlot("alien", IrType.I32, 0))));
        Has("returns I32 from a function of Void", k => k.Return(Int(1)));
        Has("leaves a region that is not around it", k =>
        {
            IrLabel? label = null;
            k.While(null, l => label = l, () => k.Leave(label!));
        });
        Has("stands in a function that is not a kernel", k => k.Define("f", IrType.Void, out _).Barrier());

        static void Has(string error, Action<KernelWriter> write)
        {
            var k = new KernelWriter("k");
            write(k);
            Assert.Contains(IrVerifier.Verify(k.Module()), e => e.Contains(error, StringComparison.Ordinal));
        }
    }
}
