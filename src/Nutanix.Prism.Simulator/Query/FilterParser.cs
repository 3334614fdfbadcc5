using System.Globalization;

namespace Nutanix.Prism.Simulator.Query;

/// <summary>
/// Reads the OData 4.01 subset real clients use: <c>or and not eq ne gt ge lt le in any all startswith endswith contains
/// tolower toupper</c>, parentheses, nested paths. Fields and types are checked against the resource while reading.
/// </summary>
internal sealed class FilterParser
{
    private const int MaxDepth = 64;

    private readonly List<FilterToken> _tokens;
    private readonly FieldSet _fields;
    private readonly Dictionary<string, string> _variables = new(StringComparer.Ordinal);
    private int _at;
    private int _depth;

    private FilterParser(string text, FieldSet fields)
    {
        _tokens = FilterLexer.Read(text);
        _fields = fields;
    }

    /// <exception cref="QueryException">The text is no filter, or names a field or function that is not supported.</exception>
    public static FilterNode Parse(string text, FieldSet fields)
    {
        var parser = new FilterParser(text, fields);
        var node = parser.Or();
        return parser.Current.Kind == FilterTokenKind.End ? node : throw parser.Unexpected("the end of the filter");
    }

    private FilterToken Current => _tokens[_at];

    private FilterNode Or()
    {
        var left = And();
        while (TakeWord("or")) left = new FilterNode.Logical(false, left, And());
        return left;
    }

    private FilterNode And()
    {
        var left = Unary();
        while (TakeWord("and")) left = new FilterNode.Logical(true, left, Unary());
        return left;
    }

    private FilterNode Unary()
    {
        if (++_depth > MaxDepth) throw FilterLexer.Error("the expression is nested too deeply", Current.Position);
        try
        {
            if (TakeWord("not")) return new FilterNode.Not(Unary());
            if (!TakeSymbol("(")) return Condition();
            var inner = Or();
            ExpectSymbol(")");
            return inner;
        }
        finally
        {
            _depth--;
        }
    }

    private FilterNode Condition()
    {
        if (Current is { Kind: FilterTokenKind.Name, Text: "startswith" or "endswith" or "contains" } function && Peek("("))
        {
            _at += 2;
            var text = Value();
            ExpectSymbol(",");
            var part = Value();
            ExpectSymbol(")");
            RequireText(text, function);
            return new FilterNode.TextTest(function.Text, text, part);
        }

        var start = Current;
        var (value, lambda) = ValueOrLambda();
        if (lambda is not null) return lambda;
        if (TakeWord("in")) return Set(value, start);
        if (Current is { Kind: FilterTokenKind.Name, Text: "eq" or "ne" or "gt" or "ge" or "lt" or "le" } op)
        {
            _at++;
            var right = Value();
            CheckTypes(value, right, start);
            CheckTypes(right, value, start);
            return new FilterNode.Comparison(op.Text, value, right);
        }

        if (value is FilterValue.Field { Type: FieldType.Boolean } or FilterValue.Literal { Value: bool }) return new FilterNode.Truth(value);
        throw Unexpected("a comparison operator");
    }

    private FilterNode.InSet Set(FilterValue value, FilterToken start)
    {
        ExpectSymbol("(");
        var set = new List<FilterValue>();
        do
        {
            var element = Value();
            CheckTypes(value, element, start);
            set.Add(element);
        }
        while (TakeSymbol(","));
        ExpectSymbol(")");
        return new FilterNode.InSet(value, set);
    }

    private FilterValue Value()
    {
        var start = Current;
        var (value, lambda) = ValueOrLambda();
        return lambda is null ? value : throw FilterLexer.Error("any() and all() are conditions, not values", start.Position);
    }

    private (FilterValue Value, FilterNode? Lambda) ValueOrLambda()
    {
        var token = Current;
        if (token.Kind == FilterTokenKind.Literal)
        {
            _at++;
            return (new FilterValue.Literal(token.Value), null);
        }

        if (token.Kind != FilterTokenKind.Name) throw Unexpected("a field or a value");
        if (Peek("("))
        {
            if (token.Text is not ("tolower" or "toupper")) throw FilterLexer.Error($"the function '{token.Text}' is not supported", token.Position);
            _at += 2;
            var operand = Value();
            RequireText(operand, token);
            ExpectSymbol(")");
            return (new FilterValue.CaseChange(token.Text == "tolower", operand), null);
        }

        return Path();
    }

    private (FilterValue Value, FilterNode? Lambda) Path()
    {
        var start = Current;
        var first = TakeName();
        var variable = _variables.ContainsKey(first) ? first : null;
        var path = new List<string>();
        if (variable is null) path.Add(first);
        while (TakeSymbol("/"))
        {
            if (Current is { Kind: FilterTokenKind.Name, Text: "any" or "all" } && Peek("(")) return (new FilterValue.Literal(null), Lambda(variable, path, start));
            path.Add(TakeName());
        }

        var full = FullPath(variable, path);
        if (!_fields.Filterable.TryGetValue(full, out var type)) throw NotSupported(full);
        return (new FilterValue.Field(variable, path, type), null);
    }

    private FilterNode.Lambda Lambda(string? owner, List<string> path, FilterToken start)
    {
        var isAll = TakeName() == "all";
        ExpectSymbol("(");
        var full = FullPath(owner, path);
        if (!_fields.Filterable.Keys.Any(f => f == full || f.StartsWith(full + "/", StringComparison.Ordinal))) throw NotSupported(full);
        var collection = new FilterValue.Field(owner, path, null);
        if (!isAll && TakeSymbol(")")) return new FilterNode.Lambda(false, collection, "", null);
        var variable = TakeName();
        if (!_variables.TryAdd(variable, full)) throw FilterLexer.Error($"the variable '{variable}' is already in use", start.Position);
        ExpectSymbol(":");
        var body = Or();
        ExpectSymbol(")");
        _variables.Remove(variable);
        return new FilterNode.Lambda(isAll, collection, variable, body);
    }

    private string FullPath(string? variable, List<string> path)
    {
        var rest = string.Join('/', path);
        if (variable is null) return rest;
        return path.Count == 0 ? _variables[variable] : _variables[variable] + "/" + rest;
    }

    private static void RequireText(FilterValue value, FilterToken function)
    {
        if (value is FilterValue.Field { Type: not FieldType.Text and not FieldType.Enum } or FilterValue.Literal { Value: not string })
        {
            throw FilterLexer.Error($"{function.Text}() needs text", function.Position);
        }
    }

    private static void CheckTypes(FilterValue one, FilterValue other, FilterToken at)
    {
        if (one is not FilterValue.Field { Type: { } type } field || other is not FilterValue.Literal { Value: { } literal }) return;
        var fits = type switch
        {
            FieldType.Text or FieldType.Enum => literal is string,
            FieldType.Number => literal is decimal,
            FieldType.Boolean => literal is bool,
            _ => literal is DateTimeOffset,
        };
        if (!fits) throw FilterLexer.Error($"the field '{string.Join('/', field.Path)}' of type {type} cannot be compared with {Describe(literal)}", at.Position);
    }

    private static string Describe(object literal) => literal switch
    {
        string text => $"the text '{text}'",
        IFormattable value => "the value " + value.ToString(null, CultureInfo.InvariantCulture),
        _ => $"the value {literal}",
    };

    private QueryException NotSupported(string field) => new("$filter",
        $"The field '{field}' cannot be used in $filter here. Fields: {(_fields.Filterable.Count == 0 ? "none" : string.Join(", ", _fields.Filterable.Keys))}.");

    private bool Peek(string symbol) => _tokens[_at + 1] is { Kind: FilterTokenKind.Symbol } next && next.Text == symbol;

    private bool TakeWord(string word)
    {
        if (Current.Kind != FilterTokenKind.Name || Current.Text != word) return false;
        _at++;
        return true;
    }

    private bool TakeSymbol(string symbol)
    {
        if (Current.Kind != FilterTokenKind.Symbol || Current.Text != symbol) return false;
        _at++;
        return true;
    }

    private void ExpectSymbol(string symbol)
    {
        if (!TakeSymbol(symbol)) throw Unexpected($"'{symbol}'");
    }

    private string TakeName() => Current.Kind == FilterTokenKind.Name ? _tokens[_at++].Text : throw Unexpected("a name");

    private QueryException Unexpected(string expected) => FilterLexer.Error($"expected {expected}, found {Current.Text}", Current.Position);
}
