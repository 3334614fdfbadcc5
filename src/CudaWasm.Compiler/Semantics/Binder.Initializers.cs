using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Syntax;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Semantics;

// Initialisation: braces, constructors, tables known when compiling.
internal sealed partial class Binder
{
    private const long MaxTableBytes = 64 << 20;

    /// <summary>True while a table's first bytes are found: they are zero already.</summary>
    private bool _isZeroed;

    private Value BindList(InitializerList list, CudaType type, SourceSpan span)
    {
        if (type is ReferenceType reference) type = reference.Element;
        type = type.Unqualified;
        if (type.IsScalar)
        {
            return list.Elements.Count switch
            {
                0 => new ScalarValue(type, IrBuilder.Zero(type.Ir)),
                1 => Convert(Bind(list.Elements[0].Value), type, span),
                _ => throw Error(DiagnosticCodes.BadInitializer, list.Span, $"'{type.Name}' takes one value"),
            };
        }

        var place = NewPlace("list", type, null, span);
        InitializeList(place, list, span);
        return Load(place, span);
    }

    private void Initialize(Place place, InitializerStyle style, IReadOnlyList<ExpressionSyntax> initializers, SourceSpan span)
    {
        var type = place.Type;
        if (style == InitializerStyle.None || initializers.Count == 0)
        {
            DefaultInitialize(place, span);
            return;
        }

        if (initializers is [InitializerList list])
        {
            InitializeList(place, list, span);
            return;
        }

        if (style == InitializerStyle.Direct && type.Unqualified is ClassType c)
        {
            RequireComplete(c, span);
            var arguments = BindArguments(initializers);
            ConstructInto(place, c, arguments, span);
            return;
        }

        if (initializers.Count != 1) throw Error(DiagnosticCodes.BadInitializer, span, $"'{type.Name}' takes one value");
        var value = Bind(initializers[0]);
        if (value is StringValue text && type is ArrayType array) InitializeText(place, array, text, span);
        else if (type is ArrayType) throw Error(DiagnosticCodes.BadInitializer, span, "an array needs an initializer in braces");
        else Store(place, Convert(value is ThisValue self ? new ScalarValue(self.Type, AddressOf(self.Object, span)) : value, type.Unqualified, initializers[0].Span), span);
    }

    private void InitializeText(Place place, ArrayType array, StringValue text, SourceSpan span)
    {
        for (var i = 0; i < array.Count; i++)
        {
            var character = i < text.Text.Length ? text.Text[i] : '\0';
            Store((Place)Element(place, Index(i), span), new ScalarValue(array.Element.Unqualified, IrBuilder.Integer(array.Element.Ir, character)), span);
        }
    }

    private static ScalarValue Index(long i) => new(ScalarType.Long, IrBuilder.Integer(IrType.I64, i));

    /// <summary>What a variable without initialiser gets: its class's constructors run, scalars stay as they are.</summary>
    private void DefaultInitialize(Place place, SourceSpan span)
    {
        switch (place.Type.Unqualified)
        {
            case ArrayType array when NeedsConstruction(array.InnermostElement):
                for (var i = 0; i < array.Count; i++) DefaultInitialize((Place)Element(place, Index(i), span), span);
                break;
            case ClassType c when NeedsConstruction(c):
                ConstructInto(place, c, [], span);
                break;
        }
    }

    private bool NeedsConstruction(CudaType type)
    {
        if (type is ArrayType array) return NeedsConstruction(array.Element);
        if (type.Unqualified is not ClassType { Symbol: var symbol }) return false;
        RequireComplete(symbol.Type, symbol.Span);
        return Constructors(symbol).Count > 0 || symbol.Fields.Any(f => f.Declaration?.Initializers.Count > 0 || NeedsConstruction(f.Type)) || symbol.Bases.Any(b => NeedsConstruction(b.Class.Type));
    }

    private static List<Symbol> Constructors(ClassSymbol symbol)
    {
        var name = symbol.Template?.Name ?? symbol.Declaration?.Name?.Last.Identifier ?? symbol.Name;
        return [.. symbol.Scope.Own(name).Where(s => s is FunctionSymbol { Declaration.IsConstructor: true } or TemplateSymbol { Declaration: FunctionDeclaration { IsConstructor: true } })];
    }

    /// <summary>True where a constructor template takes an instance of a class template, not just anything.</summary>
    private static bool TakesInstance(TemplateSymbol constructor) => constructor.Declaration is FunctionDeclaration { Parameters: [var first, ..] }
        && (first.Type is ReferenceTypeSyntax r ? r.Element : first.Type) is NamedTypeSyntax { Name.Last.Arguments: not null };

    private bool CanConstruct(ClassType type, Value argument)
    {
        if (type.Symbol.Declaration is not { IsDefinition: true } && !type.Symbol.IsComplete) return false;
        RequireComplete(type, SourceSpan.None);
        foreach (var constructor in Constructors(type.Symbol))
        {
            if (constructor is FunctionSymbol f)
            {
                if ((f.Declaration.Flags & DeclarationFlags.Explicit) != 0) continue;
                EnsureSignature(f);
                if (f.Parameters!.Count == 0 || f.Parameters.Skip(1).Any(p => p.Syntax?.DefaultValue is null)) continue;
                if (ConversionCost(argument, f.Parameters[0].Type, allowUser: false) != Cost.Impossible) return true;
            }
            else if ((argument.Type.Unqualified is not ClassType || TakesInstance((TemplateSymbol)constructor)) && InstantiateFor((TemplateSymbol)constructor, null, [argument], SourceSpan.None) is { } instance
                && ConversionCost(argument, instance.Parameters![0].Type, allowUser: false) != Cost.Impossible)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A new object; null where no constructor fits.</summary>
    private Value? Construct(ClassType type, IReadOnlyList<Value> arguments, SourceSpan span, bool isExplicit)
    {
        if (Dim3(type, arguments, span) is { } dim3) return dim3;
        var constructors = Constructors(type.Symbol);
        if (arguments is [{ } single] && single.Type.Unqualified == type) return Load(single, span);
        if (constructors.Count == 0 && arguments.Count > 0) return null;
        if (constructors.Count > 0 && TryChoose(new FunctionValue(constructors, null, null, type.Name, span), constructors, arguments, span) is null && arguments.Count > 0) return null;
        var place = NewPlace("object", type, null, span);
        if (arguments.Count == 0 && constructors.All(c => c is FunctionSymbol { Declaration.Body: null })) ZeroFill(place, span);
        ConstructInto(place, type, arguments, span);
        return Load(place, span);
    }

    /// <summary>dim3 has a constructor whose missing sizes are 1; null for other types, and for a copy.</summary>
    private AggregateValue? Dim3(ClassType type, IReadOnlyList<Value> arguments, SourceSpan span)
    {
        if (type.Symbol is not { Declaration: null, Name: "dim3" } || arguments.Count > 3 || arguments.Any(a => a.Type.Unqualified is ClassType)) return null;
        var sizes = new IrExpression[3];
        for (var i = 0; i < 3; i++)
        {
            sizes[i] = i < arguments.Count ? ((ScalarValue)Convert(arguments[i], ScalarType.UInt, span)).Expression : IrBuilder.Integer(IrType.U32, 1);
        }

        return new AggregateValue(type, sizes);
    }

    private void ConstructInto(Place place, ClassType type, IReadOnlyList<Value> arguments, SourceSpan span)
    {
        if (Dim3(type, arguments, span) is { } dim3)
        {
            Store(WithType(place, type), dim3, span);
            return;
        }

        var symbol = type.Symbol;
        var constructors = Constructors(symbol);
        if (constructors.Count > 0)
        {
            var candidates = new FunctionValue(constructors, null, place, type.Name, span);
            var isCopy = arguments is [{ } source] && (source.Type.Unqualified as ClassType)?.Symbol.DerivesFrom(symbol) == true;
            var best = isCopy || arguments.Count == 0 ? TryChoose(candidates, constructors, arguments, span) : Choose(candidates, constructors, arguments, span);
            if (best?.Symbol is FunctionSymbol f)
            {
                var isDefaulted = f.Declaration.Body is null && (f.Declaration.Flags & DeclarationFlags.Defaulted) != 0;
                if (!isDefaulted)
                {
                    Call(f, WithType(place, type), arguments, span);
                    return;
                }
            }
            else if (arguments.Count == 0)
            {
                throw Error(DiagnosticCodes.NoMatchingFunction, span, $"'{type.Name}' has no default constructor");
            }
        }

        if (arguments.Count == 1)
        {
            Store(WithType(place, type), Convert(arguments[0], type, span), span);
            return;
        }

        if (arguments.Count > 1) throw Error(DiagnosticCodes.NoMatchingFunction, span, $"no constructor of '{type.Name}' takes {arguments.Count} arguments; use braces for its members");
        foreach (var (b, offset) in symbol.Bases) DefaultInitialize((Place)Part(place, b.Type, offset, span), span);
        foreach (var field in symbol.Fields) InitializeField(place, field, span);
    }

    private void InitializeField(Value self, FieldSymbol field, SourceSpan span)
    {
        if (field.Type is ReferenceType || field.BitOffset >= 0) return;
        var place = (Place)Part(self, field.Type.Unqualified, field.Offset, span);
        if (field.Declaration is not { Initializers.Count: > 0 } d)
        {
            DefaultInitialize(place, span);
            return;
        }

        var symbol = ((ClassType)self.Type.Unqualified).Symbol;
        InScope(symbol.Scope, () =>
        {
            Initialize(place, d.InitializerStyle, d.Initializers, span);
            return true;
        });
    }

    /// <summary>A constructor's bases and members, in the order of the class.</summary>
    private void BindMemberInitializers(FunctionSymbol constructor, Value self)
    {
        var symbol = constructor.Owner!;
        var given = constructor.Declaration.MemberInitializers;
        var span = constructor.Span;
        foreach (var i in given)
        {
            if (i.Name.Last.Identifier != (symbol.Template?.Name ?? symbol.Name) || symbol.FindField(i.Name.Last.Identifier) is not null) continue;
            ConstructInto((Place)self, symbol.Type, BindArguments(i.Arguments), i.Span);
            return;
        }

        foreach (var (b, offset) in symbol.Bases)
        {
            var part = (Place)Part(self, b.Type, offset, span);
            var own = given.FirstOrDefault(i => i.Name.Last.Identifier == (b.Template?.Name ?? b.Name) || LookupName(i.Name).Any(s => TypeOf(s, i.Name.Last, i.Span)?.Unqualified == b.Type));
            if (own is null) DefaultInitialize(part, span);
            else Initialize(part, own.IsList ? InitializerStyle.List : InitializerStyle.Direct, Listed(own), own.Span);
        }

        foreach (var field in symbol.Fields)
        {
            if (given.FirstOrDefault(i => i.Name.IsSimple && i.Name.Last.Identifier == field.Name) is not { } own)
            {
                InitializeField(self, field, span);
                continue;
            }

            if (field.Type is ReferenceType reference)
            {
                var target = AddressOf(BindReference(Bind(own.Arguments[0]), reference, own.Span), own.Span);
                Store((Place)Part(self, reference.Element.Pointer, field.Offset, span), new ScalarValue(reference.Element.Pointer, target), own.Span);
                continue;
            }

            var part = (Place)(field.BitOffset >= 0 ? Field(self, field, field.Offset, span) : Part(self, field.Type.Unqualified, field.Offset, span));
            if (own.Arguments.Count == 0 && !NeedsConstruction(field.Type)) ZeroFill(part, own.Span);
            else Initialize(part, own.IsList ? InitializerStyle.List : InitializerStyle.Direct, Listed(own), own.Span);
        }

        foreach (var i in given)
        {
            // Members of an anonymous struct or union.
            if (symbol.Fields.Any(f => f.Name == i.Name.Last.Identifier) || symbol.FindField(i.Name.Last.Identifier) is not { } inner) continue;
            Initialize((Place)Field(self, inner.Field, inner.Offset, i.Span), InitializerStyle.Direct, i.Arguments, i.Span);
        }
    }

    private static IReadOnlyList<ExpressionSyntax> Listed(MemberInitializer i) =>
        i.IsList ? [new InitializerList(i.Span, [.. i.Arguments.Select(a => new InitializerElement(null, null, a))])] : i.Arguments;

    private sealed class ListCursor(InitializerList list)
    {
        public int Next { get; set; }

        /// <summary>An element that was bound to see its type.</summary>
        public Value? Bound { get; set; }

        public bool HasMore => Next < list.Elements.Count;

        public InitializerElement Current => list.Elements[Next];

        public void Advance()
        {
            Next++;
            Bound = null;
        }
    }

    private void InitializeList(Place place, InitializerList list, SourceSpan span)
    {
        var cursor = new ListCursor(list);
        var type = place.Type.Unqualified;
        if (type is ClassType c)
        {
            RequireComplete(c, span);
            if (Constructors(c.Symbol).Any(f => f is not FunctionSymbol { Declaration: { Body: null } d } || (d.Flags & DeclarationFlags.Defaulted) == 0))
            {
                ConstructInto(place, c, BindArguments([.. list.Elements.Select(e => e.Value)]), span);
                return;
            }

            if (list.Elements is [{ Field: null, Value: not InitializerList } only] && Bind(only.Value) is var copy && copy.Type.Unqualified == type)
            {
                Store(place, Load(copy, span), span);
                return;
            }
        }

        if (type is ArrayType array && list.Elements is [{ Value: StringLiteral text }] && array.Element.Unqualified.Size == 1)
        {
            InitializeText(place, array, new StringValue(text.Value), span);
            return;
        }

        InitializeMembers(place, cursor, span);
        if (cursor.HasMore) throw Error(DiagnosticCodes.BadInitializer, cursor.Current.Value.Span, $"there are more values than '{place.Type.Name}' holds");
    }

    /// <summary>Fills an aggregate from a list; inner braces may be left out ([dcl.init.aggr]).</summary>
    private void InitializeMembers(Place place, ListCursor cursor, SourceSpan span)
    {
        switch (place.Type.Unqualified)
        {
            case ArrayType array:
                var given = new HashSet<long>();
                long next = 0;
                while (cursor.HasMore && (next < array.Count || cursor.Current.Index is not null) && cursor.Current.Field is null)
                {
                    if (cursor.Current.Index is { } designated) next = ConstantInteger(designated, "a designated index");
                    if (next < 0 || next >= array.Count) throw Error(DiagnosticCodes.BadInitializer, span, $"element {next} is outside of the array");
                    given.Add(next);
                    InitializeMember((Place)Element(place, Index(next++), span), cursor, span);
                }

                ZeroRest(place, array, given, span);
                break;
            case ClassType { Symbol: var symbol }:
                foreach (var (b, offset) in symbol.Bases)
                {
                    var part = (Place)Part(place, b.Type, offset, span);
                    if (cursor.HasMore) InitializeMember(part, cursor, span);
                    else ZeroFill(part, span);
                }

                foreach (var field in symbol.Fields)
                {
                    var isGiven = cursor.HasMore && (cursor.Current.Field is null || cursor.Current.Field == field.Name);
                    if (field.Type is ReferenceType reference)
                    {
                        if (!isGiven) throw Error(DiagnosticCodes.BadInitializer, span, $"the reference '{field.Name}' needs a value");
                        var target = AddressOf(BindReference(Bind(cursor.Current.Value), reference, span), span);
                        Store((Place)Part(place, reference.Element.Pointer, field.Offset, span), new ScalarValue(reference.Element.Pointer, target), span);
                        cursor.Advance();
                        continue;
                    }

                    var part = (Place)Field(place, field, field.Offset, span);
                    if (isGiven) InitializeMember(part, cursor, span);
                    else if (field.Declaration?.Initializers.Count > 0) InitializeField(place, field, span);
                    else if (!symbol.IsUnion) ZeroFill(part, span);
                    if (symbol.IsUnion && isGiven) break;
                }

                break;
            default:
                InitializeMember(place, cursor, span);
                break;
        }
    }

    private void InitializeMember(Place part, ListCursor cursor, SourceSpan span)
    {
        var syntax = cursor.Current.Value;
        if (syntax is InitializerList inner)
        {
            cursor.Advance();
            if (part.Type.IsScalar) Store(part, BindList(inner, part.Type, span), span);
            else InitializeList(part, inner, span);
            return;
        }

        var value = cursor.Bound ??= Bind(syntax);
        if (part.Type is ArrayType { Element.Size: 1 } text && value is StringValue s)
        {
            cursor.Advance();
            InitializeText(part, text, s, span);
            return;
        }

        if (part.Type is ArrayType || (part.Type.Unqualified is ClassType c && ConversionCost(value, c) == Cost.Impossible))
        {
            InitializeMembers(part, cursor, span);
            return;
        }

        cursor.Advance();
        Store(part, Convert(value, part.Type.Unqualified, syntax.Span), span);
    }

    private void ZeroRest(Place place, ArrayType array, HashSet<long> given, SourceSpan span)
    {
        if (_isZeroed) return;
        var first = 0L;
        while (given.Contains(first)) first++;
        var isPrefix = first == given.Count;
        if (isPrefix && array.Count - first > 8 && place is MemoryPlace memory)
        {
            ZeroLoop(memory, array, first, span);
            return;
        }

        for (var i = 0L; i < array.Count; i++)
        {
            if (!given.Contains(i)) ZeroFill((Place)Element(place, Index(i), span), span);
        }
    }

    private void ZeroLoop(MemoryPlace place, ArrayType array, long first, SourceSpan span)
    {
        var index = NewSlot("zero", IrType.I64);
        Append(new IrAssign(index, IrBuilder.Integer(IrType.I64, first)));
        var body = InBlock(() => ZeroFill((Place)Element(place, new ScalarValue(ScalarType.Long, IrBuilder.Read(index)), span), span));
        var step = InBlock(() => Append(new IrAssign(index, IrBuilder.Binary(IrBinaryOp.Add, IrBuilder.Read(index), IrBuilder.Integer(IrType.I64, 1)))));
        Append(new IrLoop(new IrLabel("zero"), IrBuilder.Binary(IrBinaryOp.Less, IrBuilder.Read(index), IrBuilder.Integer(IrType.I64, array.Count)), body, step, null, span));
    }

    private void ZeroFill(Place place, SourceSpan span)
    {
        if (_isZeroed) return;
        switch (place)
        {
            case SlotPlace slots:
                foreach (var slot in slots.Slots.ToArray()) Append(new IrAssign(slot, IrBuilder.Zero(slot.Type)));
                break;
            case { Type: ArrayType array }:
                ZeroRest(place, array, [], span);
                break;
            case { Type.IsScalar: true }:
                Store(place, new ScalarValue(place.Type.Unqualified, IrBuilder.Zero(place.Type.Ir)), span);
                break;
            case MemoryPlace { Type.Unqualified: ClassType c } memory:
                RequireComplete(c, span);
                if (c.Leaves() is { } leaves)
                {
                    foreach (var leaf in leaves) Append(new IrStore(IrBuilder.Address(memory.Address, null, 1, leaf.Offset), IrBuilder.Zero(leaf.Type.Ir), false, span));
                    break;
                }

                // Overlapping members: byte by byte.
                ZeroRest(new MemoryPlace(ScalarType.UChar.ArrayOf(c.Size), memory.Address), ScalarType.UChar.ArrayOf(c.Size), [], span);
                break;
        }
    }

    /// <summary>The bound of <c>T a[] = ...</c>.</summary>
    private ArrayType CountInitializer(ArrayType array, VariableDeclaration syntax, SourceSpan span)
    {
        switch (syntax.Initializers)
        {
            case [StringLiteral text]:
                return array.Element.ArrayOf(text.Value.Length + 1);
            case [InitializerList { Elements: [{ Value: StringLiteral only }] }] when array.Element.Size == 1:
                return array.Element.ArrayOf(only.Value.Length + 1);
            case [InitializerList list] when array.Element is ArrayType || array.Element.Unqualified is ClassType:
                if (list.Elements.All(e => e.Value is InitializerList)) return array.Element.ArrayOf(list.Elements.Count);
                var scalars = array.Element is ArrayType inner ? ArrayLeaves(inner) : array.Element.Leaves()?.Count ?? 1;
                var isFlat = array.Element is ArrayType || list.Elements.Any(e => Unevaluated(() => Bind(e.Value)).Type.IsScalar);
                return array.Element.ArrayOf(isFlat ? (list.Elements.Count + scalars - 1) / scalars : list.Elements.Count);
            case [InitializerList list]:
                return array.Element.ArrayOf(list.Elements.Count);
            default:
                throw Error(DiagnosticCodes.BadArraySize, span, $"the array '{syntax.Name}' needs a size or an initializer");
        }
    }

    /// <summary>The bytes a table starts with; null where it has no initialiser. Fails where they are not known when compiling.</summary>
    private byte[]? InitialBytes(CudaType type, VariableDeclaration syntax, SourceSpan span)
    {
        if (syntax.Initializers.Count == 0) return null;
        // A source of a few bytes must not make the compiler take gigabytes.
        if (type.Size > MaxTableBytes) throw Error(DiagnosticCodes.BadArraySize, span, $"a table with an initializer can have {MaxTableBytes >> 20} MiB, '{syntax.Name}' has {type.Size >> 20}; fill it from the host");
        while (true)
        {
            var known = choices.Count;
            var bytes = EvaluateTable(type, syntax, span);
            if (choices.Count > known) continue;
            return bytes ?? throw Error(DiagnosticCodes.NotConstant, span, $"the initializer of '{syntax.Name}' is not known when compiling");
        }
    }

    private byte[]? EvaluateTable(CudaType type, VariableDeclaration syntax, SourceSpan span)
    {
        var variable = new IrVariable("", IrSpace.Constant, type.Size, type.Alignment, span);
        var (block, function) = (new IrBlock(), _function);
        var outerZeroed = _isZeroed;
        _isZeroed = true;
        try
        {
            Unevaluated(() =>
            {
                (_block, function) = (block, _function);
                var place = new MemoryPlace(type is ArrayType a ? a.InnermostElement.IsConst ? Mutable(a) : a : type.Unqualified, IrBuilder.AddressOf(variable));
                Initialize(place, syntax.InitializerStyle, syntax.Initializers, span);
                return true;
            });
        }
        finally
        {
            _isZeroed = outerZeroed;
        }

        return new ConstantEvaluator(function, v => v == variable || v.Space is IrSpace.Constant or IrSpace.Global, cancellation).Evaluate(block, variable);
    }

    private static ArrayType Mutable(ArrayType array) => array.Element is ArrayType inner ? Mutable(inner).ArrayOf(array.Count) : array.Element.Unqualified.ArrayOf(array.Count);
}
