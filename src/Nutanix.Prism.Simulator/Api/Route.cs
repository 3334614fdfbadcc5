namespace Nutanix.Prism.Simulator.Api;

/// <summary>One operation: method, namespace, path below the version, first version that has it.</summary>
internal sealed record Route(string Method, string Namespace, string[] Segments, ApiVersion Since, Func<RequestContext, SimulatorResponse> Handler);

/// <summary>The operations the simulator knows.</summary>
internal sealed class RouteTable
{
    private readonly List<Route> _routes = [];

    /// <summary>Adds an operation.</summary>
    /// <param name="method">HTTP method.</param>
    /// <param name="name">Namespace.</param>
    /// <param name="template">Path below the version; placeholders in braces.</param>
    /// <param name="handler">What answers.</param>
    /// <param name="since">First version; null for all.</param>
    public void Add(string method, string name, string template, Func<RequestContext, SimulatorResponse> handler, ApiVersion? since = null) =>
        _routes.Add(new Route(method, name, template.Split('/'), since ?? ApiVersion.First, handler));

    /// <summary>All operations whose path matches, whatever their method.</summary>
    public IEnumerable<Route> Match(string name, ApiVersion version, IReadOnlyList<string> segments) =>
        _routes.Where(r => r.Namespace == name && version >= r.Since && Fits(r.Segments, segments));

    /// <summary>The values of a route's placeholders.</summary>
    public static Dictionary<string, string> Values(Route route, IReadOnlyList<string> segments)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < segments.Count; i++)
        {
            if (IsPlaceholder(route.Segments[i])) values[route.Segments[i][1..^1]] = segments[i];
        }

        return values;
    }

    private static bool Fits(string[] template, IReadOnlyList<string> segments)
    {
        if (template.Length != segments.Count) return false;
        for (var i = 0; i < template.Length; i++)
        {
            if (!IsPlaceholder(template[i]) && template[i] != segments[i]) return false;
        }

        return true;
    }

    private static bool IsPlaceholder(string segment) => segment.Length > 2 && segment[0] == '{' && segment[^1] == '}';
}
