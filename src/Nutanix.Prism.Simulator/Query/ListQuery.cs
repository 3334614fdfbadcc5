using System.Globalization;
using System.Text.Json.Nodes;

namespace Nutanix.Prism.Simulator.Query;

/// <summary>The paging, filter, order and projection of one list call.</summary>
internal sealed class ListQuery
{
    public const int DefaultLimit = 50;
    public const int MaxLimit = 100;

    private readonly FilterNode? _filter;
    private readonly List<(string[] Path, bool Descending)> _order;

    private ListQuery(int page, int limit, FilterNode? filter, List<(string[] Path, bool Descending)> order, IReadOnlySet<string>? select)
    {
        (Page, Limit, _filter, _order, Select) = (page, limit, filter, order, select);
    }

    public int Page { get; }

    public int Limit { get; }

    /// <summary>Names to keep of each entity; null for all.</summary>
    public IReadOnlySet<string>? Select { get; }

    /// <summary>True without a filter and an order: the page can be cut without looking at the entities.</summary>
    public bool KeepsAllInOrder => _filter is null && _order.Count == 0;

    /// <summary>Reads the options of a list call.</summary>
    /// <param name="options">Decoded query options.</param>
    /// <param name="fields">What the resource supports.</param>
    /// <param name="others">Further options with a dollar sign that the resource reads itself.</param>
    /// <exception cref="QueryException">An option is malformed or not supported; it is named.</exception>
    public static ListQuery Parse(IReadOnlyDictionary<string, string> options, FieldSet fields, ReadOnlySpan<string> others)
    {
        foreach (var name in options.Keys)
        {
            var known = name switch
            {
                "$page" or "$limit" => true,
                "$filter" => fields.Filterable.Count > 0,
                "$orderby" => fields.Orderable.Count > 0,
                "$select" => fields.Selectable.Count > 0,
                _ => !name.StartsWith('$'),
            };
            if (!known && !others.Contains(name)) throw new QueryException(name, $"The query option '{name}' is not supported by this operation.");
        }

        return new ListQuery(
            Number(options, "$page", 0, 0, int.MaxValue),
            Number(options, "$limit", DefaultLimit, 1, MaxLimit),
            options.TryGetValue("$filter", out var filter) ? FilterParser.Parse(filter, fields) : null,
            options.TryGetValue("$orderby", out var order) ? Order(order, fields) : [],
            fields.Selectable.Count > 0 && options.TryGetValue("$select", out var select) ? Selection(select, fields.Selectable) : null);
    }

    /// <summary>Names in a <c>$select</c>; null for <c>*</c>.</summary>
    public static HashSet<string>? Selection(string select, IReadOnlyList<string> selectable)
    {
        var names = select.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (names.Length == 0) throw new QueryException("$select", "The query option '$select' is empty.");
        if (names.Contains("*")) return null;
        var unknown = names.FirstOrDefault(n => !selectable.Contains(n));
        return unknown is null ? [.. names] : throw new QueryException("$select", $"The property '{unknown}' named in $select does not exist.");
    }

    /// <summary>All entities that meet the filter, in order.</summary>
    public List<JsonObject> Apply(IEnumerable<JsonObject> entities)
    {
        var matching = _filter is null ? entities : entities.Where(e => FilterEvaluator.Matches(_filter, e));
        if (_order.Count == 0) return [.. matching];
        var byValue = Comparer<object?>.Create(FilterEvaluator.Compare);
        IOrderedEnumerable<JsonObject>? ordered = null;
        foreach (var (path, descending) in _order)
        {
            object? Key(JsonObject entity) => FilterEvaluator.Scalar(entity, path);
            ordered = (ordered, descending) switch
            {
                (null, false) => matching.OrderBy(Key, byValue),
                (null, true) => matching.OrderByDescending(Key, byValue),
                (_, false) => ordered.ThenBy(Key, byValue),
                (_, true) => ordered.ThenByDescending(Key, byValue),
            };
        }

        return [.. ordered!];
    }

    private static List<(string[] Path, bool Descending)> Order(string text, FieldSet fields)
    {
        var order = new List<(string[], bool)>();
        foreach (var item in text.Split(',', StringSplitOptions.TrimEntries))
        {
            var words = item.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length is 0 or > 2 || (words.Length == 2 && words[1] is not ("asc" or "desc")))
            {
                throw new QueryException("$orderby", $"Cannot parse $orderby: '{item}' is not 'field', 'field asc' or 'field desc'.");
            }

            if (!fields.Orderable.Contains(words[0]))
            {
                throw new QueryException("$orderby", $"The field '{words[0]}' cannot be used in $orderby here. Fields: {string.Join(", ", fields.Orderable)}.");
            }

            order.Add((words[0].Split('/'), words.Length == 2 && words[1] == "desc"));
        }

        return order;
    }

    private static int Number(IReadOnlyDictionary<string, string> options, string name, int missing, int min, int max)
    {
        if (!options.TryGetValue(name, out var text)) return missing;
        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max) return value;
        var range = max == int.MaxValue
            ? string.Create(CultureInfo.InvariantCulture, $"at least {min}")
            : string.Create(CultureInfo.InvariantCulture, $"between {min} and {max}");
        throw new QueryException(name, $"The query option '{name}' must be a whole number {range}, not '{text}'.");
    }
}
