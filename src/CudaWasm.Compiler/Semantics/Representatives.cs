using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Syntax;

namespace CudaWasm.Compiler.Semantics;

/// <summary>Arguments that stand for those a template gets from code that is not there.</summary>
internal static class Representatives
{
    private static readonly int[] Sizes = [16, 32, 64, 128, 256, 1, 2, 4, 8, 0, 3, 512, 1024];

    private static readonly CudaType[] Scalars =
    [
        ScalarType.Float, ScalarType.Int, ScalarType.Double, ScalarType.UInt, ScalarType.LongLong, ScalarType.ULongLong, ScalarType.UChar, ScalarType.Short, ScalarType.Bool,
    ];

    /// <summary>Types of the CUDA headers, where those are included.</summary>
    private static readonly string[] Vectors = ["__half", "__nv_bfloat16", "float2", "float4", "double2", "int2", "int4", "uint4", "uchar4"];

    /// <summary>The parameters that neither defaults nor packs settle.</summary>
    public static IEnumerable<TemplateParameterSyntax> Open(IEnumerable<TemplateParameterSyntax> parameters) =>
        parameters.Where(p => p is { Name: not null, IsPack: false, DefaultType: null, DefaultValue: null });

    /// <summary>What is tried first: float for a type, 16 for a number.</summary>
    public static TemplateArgument First(TemplateParameterSyntax parameter) =>
        parameter.Kind == TemplateParameterKind.Type ? Type(ScalarType.Float) : Number(Sizes[0]);

    /// <summary>All that is worth a try, the likely first.</summary>
    public static IEnumerable<TemplateArgument> For(TemplateParameterSyntax parameter, SemanticModel model, Binder binder, IReadOnlyDictionary<string, TemplateArgument> others)
    {
        switch (parameter.Kind)
        {
            case TemplateParameterKind.Template:
                return model.Definitions.OfType<TemplateSymbol>().Where(t => t.Declaration is ClassDeclaration).Select(t => new TemplateArgument(null, null, null, t));
            case TemplateParameterKind.Value when parameter.ValueType is PointerTypeSyntax or ReferenceTypeSyntax:
                return model.Definitions.OfType<FunctionSymbol>().Select(f => new TemplateArgument(null, null, null, f));
            case TemplateParameterKind.Value when parameter.ValueType is BuiltinTypeSyntax { Kind: BuiltinTypeKind.Bool }:
                return [Number(1), Number(0)];
            case TemplateParameterKind.Value:
                return Sizes.Select(Number);
            default:
                var vectors = Vectors.SelectMany(v => model.Global.Lookup(v)).OfType<AliasSymbol>();
                var classes = model.Definitions.Where(s => s is not FunctionSymbol);
                return Scalars.Select(Type).Concat(classes.Concat(vectors).Select(s => binder.ClassArgument(s, others)).OfType<TemplateArgument>());
        }
    }

    private static TemplateArgument Type(CudaType type) => new(type, null, null, null);

    private static TemplateArgument Number(int value) => new(null, IrBuilder.Int(value), ScalarType.Int, null);
}
