using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Syntax;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Semantics;

// Types as written, class layout, enums, constants.
internal sealed partial class Binder
{
    private CudaType BindType(TypeSyntax syntax)
    {
        var type = Deeper(syntax.Span, () => BindUnqualified(syntax));
        return syntax.IsConst || syntax.IsVolatile ? type.Qualify(type.IsConst || syntax.IsConst, type.IsVolatile || syntax.IsVolatile) : type;
    }

    private CudaType BindUnqualified(TypeSyntax syntax)
    {
        switch (syntax)
        {
            case BuiltinTypeSyntax builtin:
                return BuiltinType(builtin);
            case PointerTypeSyntax pointer:
                return BindType(pointer.Element).StripReference().Pointer;
            case ReferenceTypeSyntax reference:
                // A reference to a reference collapses; && survives only on &&.
                var element = BindType(reference.Element);
                return element is ReferenceType inner ? inner.Element.ReferenceTo(inner.IsRvalue && reference.IsRvalue) : element.ReferenceTo(reference.IsRvalue);
            case ArrayTypeSyntax array:
                return BindType(array.Element).ArrayOf(array.Size is null ? -1 : ArrayBound(array.Size));
            case FunctionTypeSyntax function:
                return new FunctionType(BindType(function.ReturnType), [.. function.Parameters.Select(p => ParameterType(p.Type))]);
            case DecltypeSyntax d:
                return Unevaluated(() => Bind(d.Expression) is var v && v is Place && d.Expression is not (NameExpression or MemberExpression) ? v.Type.ReferenceTo(false) : v.Type);
            case DefinedTypeSyntax { Definition: ClassDeclaration c }:
                return Declarer.DeclareClassType(c, _scope, c.Name?.Last.Identifier ?? "") is var symbol && c.Name is null ? Anonymous(c, symbol) : symbol.Type;
            case DefinedTypeSyntax { Definition: EnumDeclaration e }:
                return BindEnumDefinition(e);
            case NamedTypeSyntax named:
                return BindNamedType(named);
            case AutoTypeSyntax:
                throw Error(DiagnosticCodes.TypeMismatch, syntax.Span, "'auto' cannot stand here");
            default:
                throw NotSupported(syntax.Span, "this kind of type");
        }
    }

    private readonly Dictionary<SyntaxNode, ClassSymbol> _anonymous = new(ReferenceEqualityComparer.Instance);

    /// <summary>A class without a name is one type, however often its declaration is bound.</summary>
    private ClassType Anonymous(ClassDeclaration syntax, ClassSymbol fresh)
    {
        if (!_anonymous.TryGetValue(syntax, out var known)) _anonymous[syntax] = known = fresh;
        return known.Type;
    }

    private EnumType BindEnumDefinition(EnumDeclaration syntax)
    {
        var name = syntax.Name?.Last.Identifier ?? "";
        var symbol = name.Length == 0 ? null : _scope.Lookup(name).OfType<EnumSymbol>().FirstOrDefault(e => e.Declaration == syntax);
        if (symbol is null)
        {
            Declarer.Declare(syntax, _scope);
            symbol = name.Length == 0 ? new EnumSymbol(name, syntax, _scope) : _scope.Own(name).OfType<EnumSymbol>().First();
        }

        return EnumTypeOf(symbol);
    }

    private static CudaType BuiltinType(BuiltinTypeSyntax syntax) => syntax.Kind switch
    {
        BuiltinTypeKind.Void => ScalarType.Void,
        BuiltinTypeKind.Bool => ScalarType.Bool,
        BuiltinTypeKind.Char => ScalarType.Char,
        BuiltinTypeKind.SignedChar => ScalarType.SChar,
        BuiltinTypeKind.UnsignedChar => ScalarType.UChar,
        BuiltinTypeKind.Short => ScalarType.Short,
        BuiltinTypeKind.UnsignedShort or BuiltinTypeKind.Char16 => ScalarType.UShort,
        BuiltinTypeKind.Int or BuiltinTypeKind.WChar => ScalarType.Int,
        BuiltinTypeKind.UnsignedInt or BuiltinTypeKind.Char32 => ScalarType.UInt,
        BuiltinTypeKind.Long => ScalarType.Long,
        BuiltinTypeKind.UnsignedLong => ScalarType.ULong,
        BuiltinTypeKind.LongLong => ScalarType.LongLong,
        BuiltinTypeKind.UnsignedLongLong => ScalarType.ULongLong,
        BuiltinTypeKind.Float => ScalarType.Float,
        BuiltinTypeKind.Double or BuiltinTypeKind.LongDouble => ScalarType.Double,
        _ => throw NotSupported(syntax.Span, "a 128-bit integer"),
    };

    private long ArrayBound(ExpressionSyntax size)
    {
        var bound = ConstantInteger(size, "an array's size");
        if (bound < 0) throw Error(DiagnosticCodes.BadArraySize, size.Span, $"an array cannot have {bound} elements");
        return bound;
    }

    private CudaType BindNamedType(NamedTypeSyntax syntax)
    {
        var symbols = LookupName(syntax.Name);
        foreach (var symbol in symbols)
        {
            if (TypeOf(symbol, syntax.Name.Last, syntax.Span) is { } type) return type;
        }

        // struct S stays a type where a variable has its name.
        for (var scope = syntax.Name.IsSimple && symbols.Count > 0 ? _scope : null; scope is not null; scope = scope.Parent)
        {
            foreach (var symbol in scope.Local(syntax.Name.Last.Identifier))
            {
                if (TypeOf(symbol, syntax.Name.Last, syntax.Span) is { } type) return type;
            }
        }

        if (symbols.Count == 0)
        {
            throw Undeclared(syntax.Span, $"unknown type name '{syntax.Name}'", syntax.Name.Last.Identifier);
        }

        throw Error(DiagnosticCodes.TypeMismatch, syntax.Span, $"'{syntax.Name}' is not a type");
    }

    /// <summary>The type a symbol stands for; null where it is none.</summary>
    private CudaType? TypeOf(Symbol symbol, NamePart part, SourceSpan span)
    {
        switch (symbol)
        {
            case AliasSymbol { Type: ClassType { Symbol.Template: { } own } } when part.Arguments is not null && own.Name == symbol.Name:
                // Inside of a class template its name with arguments is another instance.
                return InstantiateClass(own, BindTemplateArguments(own, part.Arguments, span), span).Type;
            case AliasSymbol { Type: { } type }:
                return type;
            case AliasSymbol { Syntax: { } syntax, Scope: { } scope } alias:
                var known = InScope(scope, () => BindType(syntax));
                if (_frame is null || scope == model.Global) alias.Type = known;
                return known;
            case EnumSymbol e:
                return EnumTypeOf(e);
            case TemplateSymbol { Declaration: ClassDeclaration } template when part.Arguments is not null:
                return InstantiateClass(template, BindTemplateArguments(template, part.Arguments, span), span).Type;
            case TemplateSymbol { Declaration: AliasDeclaration } template when part.Arguments is not null:
                return InstantiateAlias(template, part.Arguments, span);
            case TemplateSymbol { Declaration: ClassDeclaration } template when EnclosingInstance(template) is { } self:
                return self.Type;
            default:
                return null;
        }
    }

    /// <summary>Inside of a class template its bare name means the instance.</summary>
    private ClassSymbol? EnclosingInstance(TemplateSymbol template)
    {
        for (var scope = _scope; scope is not null; scope = scope.Parent)
        {
            if (scope.Class?.Template == template) return scope.Class;
        }

        return null;
    }

    private EnumType EnumTypeOf(EnumSymbol symbol)
    {
        if (symbol.Type is { } known) return known;
        var syntax = symbol.Declaration;
        var underlying = syntax.Underlying is { } u ? InScope(symbol.Scope, () => BindType(u)) : null;
        var values = new IrConstant[syntax.Enumerators?.Count ?? 0];
        symbol.Values = values;
        if (underlying is not null || syntax.IsScoped) symbol.Type = new EnumType(symbol.Scope.Prefix + symbol.Name, underlying ?? ScalarType.Int, syntax.IsScoped);
        for (var i = 0; i < values.Length; i++)
        {
            var e = syntax.Enumerators![i];
            // Enumerators see those before them, also of an enum class.
            var inside = new Scope(symbol.Scope);
            for (var j = 0; j < i; j++) inside.Set(syntax.Enumerators[j].Name, new ConstantSymbol(syntax.Enumerators[j].Name, e.Span, underlying ?? ConstantType(values[j]), values[j]));
            var value = e.Value is null ? (i == 0 ? 0 : values[i - 1].Bits + 1) : InScope(inside, () => ConstantInteger(e.Value, "an enumerator"));
            values[i] = IrBuilder.Integer(underlying?.Ir ?? (value is >= int.MinValue and <= int.MaxValue ? IrType.I32 : value is >= 0 and <= uint.MaxValue ? IrType.U32 : IrType.I64), value);
        }

        if (symbol.Type is null)
        {
            CudaType type = values.All(v => v.Type == IrType.I32) ? ScalarType.Int : values.All(v => v.Bits is >= 0 and <= uint.MaxValue) ? ScalarType.UInt : ScalarType.Long;
            symbol.Type = new EnumType(symbol.Name.Length == 0 ? "(unnamed enum)" : symbol.Scope.Prefix + symbol.Name, type, false);
        }

        for (var i = 0; i < values.Length; i++) values[i] = IrBuilder.Integer(symbol.Type.Ir, values[i].Bits);
        return symbol.Type;
    }

    private static ScalarType ConstantType(IrConstant value) => value.Type switch
    {
        IrType.I32 => ScalarType.Int,
        IrType.U32 => ScalarType.UInt,
        _ => ScalarType.Long,
    };

    /// <summary>Declares a class's members and lays out its fields, once.</summary>
    private void RequireComplete(CudaType type, SourceSpan span)
    {
        if (type is ArrayType array)
        {
            RequireComplete(array.Element, span);
            return;
        }

        if (type is UnknownType) throw Error(DiagnosticCodes.IncompleteType, span, $"'{type.Name}' comes from a header that is not there");
        if (type is not ClassType { Symbol: { IsComplete: false } symbol }) return;
        if (symbol.Declaration is not { IsDefinition: true } syntax) throw Error(DiagnosticCodes.IncompleteType, span, $"'{type.Name}' is declared but not defined", DeclaredHere(symbol.Name, symbol.Declaration?.Name?.Span));
        if (symbol.IsCompleting) throw Error(DiagnosticCodes.IncompleteType, span, $"'{type.Name}' is used inside of its own definition");
        symbol.IsCompleting = true;
        try
        {
            Defining(type.Name, span, () => InScope(symbol.Scope, () =>
            {
                foreach (var member in syntax.Members)
                {
                    if (member is VariableDeclaration v && !IsStaticMember(v)) Declarer.DeclareInner(v.Type, symbol.Scope);
                    else if (member is FunctionDeclaration f && (f.Flags & DeclarationFlags.Friend) != 0) DeclareFriend(f, symbol);
                    else Declarer.Declare(member, symbol.Scope);
                }

                AttachOuterMembers(symbol);
                Layout(symbol, syntax);
                return true;
            }));
            symbol.IsComplete = true;
        }
        finally
        {
            symbol.IsCompleting = false;
        }
    }

    /// <summary>A friend is a function of the place around the class that sees the class's names.</summary>
    private static void DeclareFriend(FunctionDeclaration syntax, ClassSymbol symbol)
    {
        if (!syntax.HasBody || symbol.Scope.Parent is not { } around) return;
        var name = syntax.Name.Last.Identifier;
        around.Add(name, syntax.TemplateParameters is { Count: > 0 } parameters ? new TemplateSymbol(name, syntax, parameters, symbol.Scope) : new FunctionSymbol(name, syntax, symbol.Scope));
    }

    /// <summary>Gives members declared in the class the definitions that stand outside.</summary>
    private void AttachOuterMembers(ClassSymbol symbol)
    {
        // An explicit specialisation of a member goes before the general definition.
        foreach (var outer in symbol.OuterMembers.Concat(symbol.Template?.OuterMembers ?? []).OrderBy(o => o is FunctionDeclaration { OuterTemplateParameters.Count: 0 } ? 0 : 1))
        {
            switch (outer)
            {
                case FunctionDeclaration { OuterTemplateParameters.Count: 0 } special when !IsMemberOf(special, symbol):
                    break;
                case FunctionDeclaration { TemplateParameters.Count: 0 } special:
                    foreach (var t in symbol.Scope.Own(special.Name.Last.Identifier).OfType<TemplateSymbol>()) t.Specialisations.Add(special);
                    break;
                case FunctionDeclaration f:
                    foreach (var s in symbol.Scope.Own(f.Name.Last.Identifier))
                    {
                        if (s is FunctionSymbol { Declaration: { HasBody: false } d } fn && d.Parameters.Count == f.Parameters.Count && SameSpelling(d, f))
                        {
                            fn.Declaration = f;
                        }
                        else if (s is TemplateSymbol { Declaration: FunctionDeclaration { HasBody: false } } t && f.TemplateParameters is { Count: > 0 })
                        {
                            t.Declaration = f;
                        }
                    }

                    break;
                case VariableDeclaration v when symbol.Scope.Own(v.Name.Last.Identifier).OfType<VariableSymbol>().FirstOrDefault() is { } known:
                    known.Declaration = v;
                    break;
            }
        }
    }

    /// <summary>True where <c>template &lt;&gt; void Class&lt;int&gt;::member()</c> is about this instance.</summary>
    private bool IsMemberOf(FunctionDeclaration special, ClassSymbol symbol)
    {
        if (symbol.Template is not { } template || special.Name.Parts.Count < 2 || special.Name.Parts[^2].Arguments is not { } arguments) return true;
        return KeyOf(InScope(template.Scope, () => BindTemplateArguments(template, arguments, special.Span))) == KeyOf(symbol.TemplateArguments);
    }

    private static bool SameSpelling(FunctionDeclaration a, FunctionDeclaration b)
    {
        static string Text(ParameterSyntax p) => p.Type.Span.Source?.Text.Substring(p.Type.Span.Start, p.Type.Span.Length).Replace(" ", "", StringComparison.Ordinal) ?? "";
        return (a.Flags & DeclarationFlags.ConstMember) == (b.Flags & DeclarationFlags.ConstMember)
            && a.Parameters.Zip(b.Parameters).All(p => Text(p.First).Length == Text(p.Second).Length || Text(p.First) == Text(p.Second));
    }

    private static bool IsStaticMember(VariableDeclaration v) => (v.Flags & (DeclarationFlags.Static | DeclarationFlags.Constexpr)) != 0;

    private void Layout(ClassSymbol symbol, ClassDeclaration syntax)
    {
        long end = 0;
        var alignment = 1;
        foreach (var baseSyntax in syntax.Bases)
        {
            if (BindType(baseSyntax).Unqualified is not ClassType { Symbol: var b }) throw Error(DiagnosticCodes.TypeMismatch, baseSyntax.Span, "a base must be a class");
            RequireComplete(b.Type, baseSyntax.Span);
            var size = b.Fields.Count == 0 && b.Bases.Count == 0 ? 0 : b.Size;
            end = AlignUp(end, b.Alignment);
            symbol.Bases.Add((b, end));
            end += size;
            alignment = Math.Max(alignment, b.Alignment);
        }

        foreach (var v in syntax.Members.OfType<FunctionDeclaration>().Where(f => (f.Flags & DeclarationFlags.Virtual) != 0))
        {
            throw NotSupported(v.Span, "a virtual function");
        }

        long unitEnd = 0, largest = 0;
        var bit = 0;
        foreach (var member in syntax.Members)
        {
            if (member is ClassDeclaration { Name: null, IsDefinition: true } anonymous)
            {
                var inner = Anonymous(anonymous, Declarer.DeclareClassType(anonymous, symbol.Scope, ""));
                RequireComplete(inner, anonymous.Span);
                Place(new FieldSymbol("", inner, 0, null));
                symbol.HasOverlap |= inner.Symbol.HasOverlap;
                continue;
            }

            if (member is not VariableDeclaration v || IsStaticMember(v)) continue;
            var type = BindType(v.Type);
            RequireComplete(type, v.Span);
            if (v.BitWidth is not null)
            {
                PlaceBits(v, type);
                continue;
            }

            bit = 0;
            unitEnd = 0;
            var own = v.Alignments.Count == 0 ? 1 : (int)v.Alignments.Max(a => ConstantInteger(a, "an alignment"));
            Place(new FieldSymbol(v.Name.Last.Identifier, type, 0, v), own);
        }

        foreach (var a in syntax.Alignments) alignment = Math.Max(alignment, (int)ConstantInteger(a, "an alignment"));
        symbol.Alignment = alignment;
        symbol.Size = Math.Max(1, AlignUp(Math.Max(end, largest), alignment));
        symbol.HasOverlap |= syntax.Key == ClassKey.Union;

        void Place(FieldSymbol field, int own = 1)
        {
            var needed = Math.Max(own, field.Type.Alignment);
            alignment = Math.Max(alignment, needed);
            var offset = syntax.Key == ClassKey.Union ? 0 : AlignUp(end, needed);
            symbol.Fields.Add(field with { Offset = offset });
            var size = field.Type is ReferenceType ? 8 : field.Type.Size;
            if (syntax.Key == ClassKey.Union) largest = Math.Max(largest, size);
            else end = offset + size;
        }

        void PlaceBits(VariableDeclaration v, CudaType type)
        {
            symbol.HasOverlap = true;
            var width = (int)ConstantInteger(v.BitWidth!, "a bit-field's width");
            var unit = type.Size;
            if (width == 0 || unitEnd == 0 || bit + width > unit * 8)
            {
                end = Math.Max(end, unitEnd);
                end = AlignUp(end, (int)unit);
                bit = 0;
                unitEnd = end + unit;
                if (width == 0) return;
            }

            alignment = Math.Max(alignment, type.Alignment);
            if (v.Name.Last.Identifier.Length > 0) symbol.Fields.Add(new FieldSymbol(v.Name.Last.Identifier, type, unitEnd - unit, v) { BitOffset = bit, BitWidth = width });
            bit += width;
            end = unitEnd - unit + ((bit + 7) / 8);
        }
    }

    private static long AlignUp(long value, int alignment) => (value + alignment - 1) / alignment * alignment;
}
