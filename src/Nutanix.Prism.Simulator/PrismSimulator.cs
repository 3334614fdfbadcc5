using Nutanix.Prism.Simulator.Api;
using Nutanix.Prism.Simulator.Estates;
using Nutanix.Prism.Simulator.Faults;
using Nutanix.Prism.Simulator.Query;
using Nutanix.Prism.Simulator.Resources;
using Nutanix.Prism.Simulator.Tasks;
using Nutanix.Prism.Simulator.V3;

namespace Nutanix.Prism.Simulator;

/// <summary>
/// A Prism Central without a network: a state machine from request to response over the v4 API. Safe for any number of
/// threads; time passes only through its <see cref="TimeProvider"/>.
/// </summary>
public sealed class PrismSimulator
{
    private const string NotFoundText = "404 page not found";

    private readonly Lock _lock = new();
    private readonly TimeProvider _clock;
    private readonly ServedVersions _versions;
    private readonly Authenticator _authenticator;
    private readonly FaultInjector _faults;
    private readonly Estate _estate;
    private readonly TaskEngine _tasks;
    private readonly RouteTable _routes = new();
    private readonly V3Router _v3;
    private readonly ListMemo _lists;

    /// <param name="options">What to simulate; null for the usual estate.</param>
    /// <param name="clock">The clock tasks, sessions and statistics go by; null for the system's.</param>
    /// <exception cref="ArgumentException">An option is out of range, or the described estate contradicts itself.</exception>
    public PrismSimulator(SimulatorOptions? options = null, TimeProvider? clock = null)
    {
        Options = options ?? new SimulatorOptions();
        Options.Validate();
        _clock = clock ?? TimeProvider.System;
        _versions = new ServedVersions(Options.ApiVersions);
        _authenticator = new Authenticator(Options);
        _faults = new FaultInjector(Options);
        _estate = new EstateBuilder(Options.Seed, _clock.GetUtcNow()).Build(Options.Estate ?? EstateGenerator.Generate(Options));
        _tasks = new TaskEngine(_estate, Options, _faults, Ledger);
        var simulation = new Simulation(_estate, _tasks, Options, new RequestIds(), Ledger, _faults.Chaos);
        ResourceMap.Register(_routes, simulation);
        _v3 = new V3Router(simulation);
        _lists = simulation.Lists;
    }

    /// <summary>What clients did and what went wrong, as the simulator saw it.</summary>
    public SimulatorLedger Ledger { get; } = new();

    /// <summary>The options this simulator was made with.</summary>
    public SimulatorOptions Options { get; }

    /// <summary>The clock this simulator goes by; hosts wait on it.</summary>
    public TimeProvider Clock => _clock;

    /// <summary>Adds a fault to the script; it waits for a request or task that fits.</summary>
    public void Inject(SimulatorFault fault)
    {
        lock (_lock) _faults.Add(fault);
    }

    /// <summary>Forgets all scripted faults that still wait, and says how many there were.</summary>
    public int ClearFaults()
    {
        lock (_lock)
        {
            var count = _faults.WaitingCount;
            _faults.Clear();
            return count;
        }
    }

    /// <summary>Answers a request. Never throws for what a client sends: that gets an error reply.</summary>
    public SimulatorResponse Handle(SimulatorRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        lock (_lock)
        {
            var now = _clock.GetUtcNow();
            if (_tasks.AdvanceTo(now) || request.Method is not ("GET" or "OPTIONS")) _lists.Forget();
            var fault = _faults.ForRequest(request);
            Ledger.Answered(fault?.Kind.ToString());
            var response = RefusedBy(fault) ?? Spoil(Answer(request, fault, now), fault);
            return response with
            {
                Delay = Options.Latency + (fault is { Kind: not SimulatorFaultKind.SlowBody } ? fault.Delay : TimeSpan.Zero),
                BodyDelay = fault is { Kind: SimulatorFaultKind.SlowBody } ? fault.Delay : TimeSpan.Zero,
                Headers = [.. response.Headers, new("Server", "envoy"), new("X-Ntnx-Env", "pc"), new("X-Ntnx-Product", Options.ServesV4 ? "pc.7.6" : "pc.2022.6.0.3"), new("X-Content-Type-Options", "nosniff")],
            };
        }
    }

    private SimulatorResponse Answer(SimulatorRequest request, SimulatorFault? fault, DateTimeOffset now)
    {
        var who = _authenticator.Authenticate(request, now);
        if (who.UserName is null) return SimulatorResponse.Plain(401, "").With("WWW-Authenticate", "Basic realm=\"Intent Gateway Login Required\"");
        var response = Route(request, fault, now, who.UserName);
        return who.SetCookie is null ? response : response.With("Set-Cookie", who.SetCookie);
    }

    private SimulatorResponse Route(SimulatorRequest request, SimulatorFault? fault, DateTimeOffset now, string userName)
    {
        // /api/{namespace}/{version}/...
        var segments = request.Path.Split('/').Select(Uri.UnescapeDataString).ToArray();
        if (segments is ["", "api", "nutanix", "v3", ..])
        {
            return Options.ServesV3
                ? _v3.Handle(request, segments[4..], now, userName, fault?.Kind == SimulatorFaultKind.StaleETag)
                : SimulatorResponse.Plain(404, NotFoundText);
        }

        if (!Options.ServesV4) return SimulatorResponse.Plain(404, NotFoundText);
        if (segments.Length < 5 || segments[0].Length > 0 || segments[1] != "api" || !_versions.TryGet(segments[2], out var served)) return SimulatorResponse.Plain(404, NotFoundText);

        var isUnversioned = segments[3] == "unversioned";
        ApiVersion version = served;
        if (!isUnversioned && (!ApiVersion.TryParse(segments[3], out version) || version < ApiVersion.First || version > served)) return SimulatorResponse.Plain(404, NotFoundText);

        var context = new RequestContext
        {
            Request = request,
            Now = now,
            Namespace = segments[2],
            Version = version,
            Served = served,
            UserName = userName,
            OverlapPages = fault?.Kind == SimulatorFaultKind.OverlapPages,
            LoseETagRace = fault?.Kind == SimulatorFaultKind.StaleETag,
        };
        if (isUnversioned) return Unversioned(context, segments);

        var rest = segments[4..];
        var candidates = _routes.Match(context.Namespace, version, rest).ToList();
        if (candidates.Count == 0) return SimulatorResponse.Plain(404, NotFoundText);
        if (candidates.FirstOrDefault(r => r.Method == request.Method) is not { } route)
        {
            return SimulatorResponse.Plain(405, "405 method not allowed").With("Allow", string.Join(", ", candidates.Select(r => r.Method).Distinct()));
        }

        context.Values = RouteTable.Values(route, rest);
        return Run(route, context);
    }

    private static SimulatorResponse Run(Route route, RequestContext context)
    {
        try
        {
            context.Options = QueryString.Parse(context.Request.Query);
            return route.Handler(context);
        }
        catch (QueryException e)
        {
            return Reply.Error(context, new SchemaException(e.Option, e.Message, "QUERY_PARAMETER"));
        }
        catch (SchemaException e)
        {
            return Reply.Error(context, e);
        }
        catch (ApiException e)
        {
            return Reply.Error(context, e);
        }
    }

    /// <summary>Version negotiation: the newest path version of a namespace as a bare string.</summary>
    private static SimulatorResponse Unversioned(RequestContext context, string[] segments)
    {
        if (segments.Length != 5 || segments[4] != "info") return SimulatorResponse.Plain(404, NotFoundText);
        return context.Request.Method == "OPTIONS"
            ? Reply.Text(context, $"{context.Namespace}.v4.info.GetVersionApiResponse", context.Served.ToString())
            : SimulatorResponse.Plain(405, "405 method not allowed").With("Allow", "OPTIONS");
    }

    /// <summary>The reply of a fault that keeps the request from being handled at all.</summary>
    private static SimulatorResponse? RefusedBy(SimulatorFault? fault)
    {
        switch (fault?.Kind)
        {
            case SimulatorFaultKind.Status:
                var text = fault.StatusCode is 502 or 503 or 504 ? "upstream connect error or disconnect/reset before headers" : "";
                var response = SimulatorResponse.Plain(fault.StatusCode, text);
                return fault.RetryAfter is { } wait ? response.With("Retry-After", FormattableString.Invariant($"{Math.Ceiling(wait.TotalSeconds)}")) : response;
            case SimulatorFaultKind.Html:
                return SimulatorResponse.Plain(fault.StatusCode, "<!DOCTYPE html><html><head><title>Nutanix</title></head><body><h1>Sign in</h1></body></html>\n", "text/html; charset=utf-8");
            case SimulatorFaultKind.Redirect:
                return SimulatorResponse.Plain(302, "").With("Location", fault.Location!);
            case SimulatorFaultKind.Drop:
                return new SimulatorResponse { StatusCode = 503, Abort = true };
            default:
                return null;
        }
    }

    /// <summary>Damages the answer of a request that was handled.</summary>
    private static SimulatorResponse Spoil(SimulatorResponse response, SimulatorFault? fault) => fault?.Kind switch
    {
        SimulatorFaultKind.LostReply => SimulatorResponse.Plain(503, "upstream connect error or disconnect/reset before headers"),
        SimulatorFaultKind.CutJson => response with { Body = response.Body[..(response.Body.Length / 2)] },
        _ => response,
    };
}
