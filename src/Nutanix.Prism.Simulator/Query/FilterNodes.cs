namespace Nutanix.Prism.Simulator.Query;

/// <summary>A parsed <c>$filter</c>: conditions over an entity.</summary>
internal abstract record FilterNode
{
    internal sealed record Logical(bool IsAnd, FilterNode Left, FilterNode Right) : FilterNode;

    internal sealed record Not(FilterNode Operand) : FilterNode;

    internal sealed record Comparison(string Operator, FilterValue Left, FilterValue Right) : FilterNode;

    internal sealed record InSet(FilterValue Value, IReadOnlyList<FilterValue> Set) : FilterNode;

    /// <summary><c>collection/any(v:condition)</c> or <c>all</c>; without a condition <c>any()</c> asks whether there is an element.</summary>
    internal sealed record Lambda(bool IsAll, FilterValue.Field Collection, string Variable, FilterNode? Body) : FilterNode;

    /// <summary><c>startswith</c>, <c>endswith</c> or <c>contains</c>.</summary>
    internal sealed record TextTest(string Function, FilterValue Text, FilterValue Part) : FilterNode;

    /// <summary>A boolean field or literal that stands alone.</summary>
    internal sealed record Truth(FilterValue Value) : FilterNode;
}

/// <summary>Something with a value inside a filter.</summary>
internal abstract record FilterValue
{
    internal sealed record Literal(object? Value) : FilterValue;

    /// <summary>A field of the entity, or of a lambda's variable where <paramref name="Variable"/> is set.</summary>
    internal sealed record Field(string? Variable, IReadOnlyList<string> Path, FieldType? Type) : FilterValue;

    /// <summary><c>tolower</c> or <c>toupper</c>.</summary>
    internal sealed record CaseChange(bool ToLower, FilterValue Operand) : FilterValue;
}

/// <summary>A query option the server does not accept; becomes a 400 that names the option.</summary>
internal sealed class QueryException(string option, string message) : Exception(message)
{
    public string Option { get; } = option;
}
