using CudaWasm.Compiler.Syntax;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Semantics;

/// <summary>A class, struct, union, vector type or lambda. Layout follows the Itanium C++ ABI without virtual functions.</summary>
public sealed class ClassSymbol : Symbol
{
    private const int MaxLeaves = 64;
    private IReadOnlyList<Leaf>? _leaves;
    private bool _leavesKnown;

    public ClassSymbol(string name, ClassDeclaration? declaration, Scope scope)
        : base(name, declaration?.Span ?? SourceSpan.None)
    {
        Declaration = declaration;
        Scope = scope;
        Type = new ClassType(this);
    }

    public ClassDeclaration? Declaration { get; set; }

    /// <summary>The scope inside of the class: nested types, functions, static members.</summary>
    public Scope Scope { get; set; }

    public ClassType Type { get; }

    public TemplateSymbol? Template { get; init; }

    public IReadOnlyList<TemplateArgument> TemplateArguments { get; init; } = [];

    public List<FieldSymbol> Fields { get; } = [];

    /// <summary>Base classes with their offsets.</summary>
    public List<(ClassSymbol Class, long Offset)> Bases { get; } = [];

    /// <summary>Members are declared, fields are laid out.</summary>
    public bool IsComplete { get; set; }

    public bool IsCompleting { get; set; }

    public long Size { get; set; }

    public int Alignment { get; set; } = 1;

    public bool IsUnion => Declaration?.Key == ClassKey.Union;

    /// <summary>Holds a union or a bit-field, so that its scalars overlap.</summary>
    public bool HasOverlap { get; set; }

    /// <summary>Definitions of members that stand outside of the class.</summary>
    public List<DeclarationSyntax> OuterMembers { get; } = [];

    /// <summary>Set for a lambda.</summary>
    internal LambdaClosure? Captures { get; init; }

    /// <summary>The scalars in memory order; null where they overlap or are too many to keep one by one.</summary>
    public IReadOnlyList<Leaf>? Leaves
    {
        get
        {
            if (!_leavesKnown && IsComplete)
            {
                var found = new List<Leaf>();
                _leaves = Collect(0, found) ? found : null;
                _leavesKnown = true;
            }

            return _leaves;
        }
    }

    public bool DerivesFrom(ClassSymbol other) => OffsetOfBase(other) >= 0;

    /// <summary>Where a base lies inside of this class; -1 if it is none. The class itself lies at 0.</summary>
    public long OffsetOfBase(ClassSymbol other)
    {
        if (other == this) return 0;
        foreach (var (b, offset) in Bases)
        {
            if (b.OffsetOfBase(other) is >= 0 and var inner) return offset + inner;
        }

        return -1;
    }

    /// <summary>Finds a field, also in bases and anonymous members, with its offset from the start of this class.</summary>
    public (FieldSymbol Field, long Offset)? FindField(string name)
    {
        foreach (var field in Fields)
        {
            if (field.Name == name) return (field, field.Offset);
            if (field.IsAnonymous && field.Type.Unqualified is ClassType c && c.Symbol.FindField(name) is { } inner) return (inner.Field, field.Offset + inner.Offset);
        }

        foreach (var (b, offset) in Bases)
        {
            if (b.FindField(name) is { } inner) return (inner.Field, offset + inner.Offset);
        }

        return null;
    }

    private bool Collect(long at, List<Leaf> leaves)
    {
        if (HasOverlap) return false;
        foreach (var (b, offset) in Bases)
        {
            if (!b.Collect(at + offset, leaves)) return false;
        }

        return Fields.All(f => Collect(f.Type, at + f.Offset, leaves)) && leaves.Count <= MaxLeaves;
    }

    private static bool Collect(CudaType type, long at, List<Leaf> leaves)
    {
        switch (type.Unqualified)
        {
            case ClassType c:
                return c.Symbol.Collect(at, leaves);
            case ArrayType array:
                for (long i = 0; i < array.Count; i++)
                {
                    if (leaves.Count > MaxLeaves || !Collect(array.Element, at + (i * array.Element.Size), leaves)) return false;
                }

                return array.Count >= 0;
            default:
                leaves.Add(new Leaf(type is ReferenceType reference ? reference.Element.Pointer : type.Unqualified, at));
                return type.IsScalar || type is ReferenceType;
        }
    }
}

/// <summary>A type, a value or a template given for a template's parameter.</summary>
public sealed record TemplateArgument(CudaType? Type, IR.IrExpression? Value, CudaType? ValueType, Symbol? Symbol)
{
    /// <summary>All arguments of a pack, in place of one.</summary>
    public IReadOnlyList<TemplateArgument>? Pack { get; init; }

    public string Key => Pack is not null ? "{" + string.Join(",", Pack.Select(p => p.Key)) + "}"
        : Type is not null ? Type.Name + (Type.Unqualified is ClassType c ? "#" + System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(c.Symbol) : "")
        : Value is IR.IrConstant constant ? ValueText(constant)
        : Symbol?.Name ?? "?";

    public override string ToString() => Pack is not null ? string.Join(", ", Pack) : Type?.Name ?? (Value is IR.IrConstant constant ? ValueText(constant) : Symbol?.Name ?? "?");

    private string ValueText(IR.IrConstant constant) =>
        ValueType?.IsBool() == true ? (constant.Bits != 0 ? "true" : "false")
        : IR.IrTypes.IsFloat(constant.Type) ? constant.AsDouble.ToString("R", System.Globalization.CultureInfo.InvariantCulture)
        : constant.Bits.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
