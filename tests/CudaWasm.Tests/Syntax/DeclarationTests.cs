using CudaWasm.Compiler.Syntax;
using static CudaWasm.Tests.Syntax.SyntaxTesting;

namespace CudaWasm.Tests.Syntax;

public class DeclarationTests
{
    [Fact]
    public void A_kernel_has_its_flags_parameters_and_launch_bounds()
    {
        var unit = ParseValid("extern \"C\" __global__ void __launch_bounds__(256, 2) k(float* __restrict__ x, const int n) { x[0] = n; }");
        var kernel = Assert.IsType<FunctionDeclaration>(Assert.Single(unit.Members));
        Assert.Equal(DeclarationFlags.Global | DeclarationFlags.ExternC, kernel.Flags);
        Assert.Equal([256UL, 2UL], kernel.LaunchBounds.Cast<IntegerLiteral>().Select(l => l.Value));
        Assert.True(Assert.IsType<PointerTypeSyntax>(kernel.Parameters[0].Type).IsRestrict);
        Assert.True(kernel.Parameters[1].Type.IsConst);
        Assert.Single(kernel.Body!.Statements);
    }
}
