using System.Text.Json;
using CudaWasm.Compiler.Serialization;
using CudaWasm.Runtime;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace CudaWasm.Host.Worker;

/// <summary>The API: what each request reads, does and answers. openapi.json describes it.</summary>
internal sealed class WorkerEndpoints(WorkerServices services)
{
    private static readonly byte[] OpenApi = ReadOpenApi();

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/healthz", (RequestDelegate)(c => WorkerJson.WriteAsync(c.Response, new HealthReport("ok"), WorkerJson.Default.HealthReport)));
        routes.MapGet("/readyz", (RequestDelegate)GetReadiness);
        routes.MapGet("/metrics", (RequestDelegate)GetMetrics);
        routes.MapGet("/openapi.json", (RequestDelegate)GetOpenApi);

        routes.MapGet("/v1/kernels", As(ListKernels));
        routes.MapPut("/v1/kernels/{name}", As(PublishKernel));
        routes.MapGet("/v1/kernels/{name}", As(GetKernel));
        routes.MapDelete("/v1/kernels/{name}", As(RemoveKernel));
        routes.MapPost("/v1/kernels/{name}/launch", As(Launch));
        routes.MapPost("/v1/launch", As(LaunchSource));

        routes.MapGet("/v1/jobs", As((c, tenant) => WorkerJson.WriteAsync(c.Response, new JobList(services.Jobs.List(tenant)), WorkerJson.Default.JobList)));
        routes.MapPost("/v1/jobs", As(StartJob));
        routes.MapGet("/v1/jobs/{id}", As((c, tenant) => WriteAsync(c, services.Jobs.Get(tenant, Value(c, "id")))));
        routes.MapDelete("/v1/jobs/{id}", As(RemoveJob));
        routes.MapPost("/v1/jobs/{id}/cancel", As(CancelJob));
        routes.MapGet("/v1/jobs/{id}/outputs/{output}", As(GetJobOutput));
    }

    /// <summary>Knows the caller, and counts the request against their limit.</summary>
    private RequestDelegate As(Func<HttpContext, Tenant, Task> handle) => async context =>
    {
        var tenant = services.Tenants.Identify(context);
        if (!tenant.TryEnter(services.Limits.MaxTenantRequests))
            throw WorkerProblem.Full(FormattableString.Invariant($"{services.Limits.MaxTenantRequests} of your requests are worked on already."));

        try
        {
            await handle(context, tenant);
        }
        finally
        {
            tenant.Leave();
        }
    };

    private Task GetReadiness(HttpContext context)
    {
        if (services.IsDraining)
            throw new WorkerProblem(StatusCodes.Status503ServiceUnavailable, "The worker is not ready", "It is being stopped.");

        return WorkerJson.WriteAsync(context.Response, new HealthReport("ready"), WorkerJson.Default.HealthReport);
    }

    private async Task GetMetrics(HttpContext context)
    {
        context.Response.ContentType = WorkerMetrics.ContentType;
        await context.Response.WriteAsync(services.Metrics.Write(services.Gauges(), services.Gpus?.Read() ?? []), context.RequestAborted);
    }

    private static async Task GetOpenApi(HttpContext context)
    {
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = OpenApi.Length;
        await context.Response.Body.WriteAsync(OpenApi, context.RequestAborted);
    }

    private Task ListKernels(HttpContext context, Tenant tenant)
    {
        var kernels = services.Store.List(tenant.Name).Select(k => KernelInfo.Of(k));
        return WorkerJson.WriteAsync(context.Response, new KernelList([.. kernels]), WorkerJson.Default.KernelList);
    }

    private async Task PublishKernel(HttpContext context, Tenant tenant)
    {
        var name = Value(context, "name");
        if (!KernelStore.IsName(name))
            throw WorkerProblem.BadRequest("A kernel's name is 1 to 63 lower-case letters, digits, '.', '_' and '-', beginning and ending with a letter or digit.");

        LimitBody(context, services.Limits.MaxSourceBytes);
        var (source, file) = await ReadPublicationAsync(context);
        var kernel = new StoredKernel(name, services.Clock.GetUtcNow(), source, file);
        var (compiled, _) = await services.Cache.GetAsync(kernel, context.RequestAborted);
        var compilation = compiled.Compilation;
        if (!compilation.Succeeded || compilation.Kernels.Count == 0)
            throw WorkerProblem.Of(new KernelCompileException("The source does not compile.", [.. compilation.AllDiagnostics]));

        var isNew = services.Store.Find(tenant.Name, name) is null;
        services.Store.Put(tenant.Name, kernel, services.Limits.MaxTenantKernels);
        context.Response.StatusCode = isNew ? StatusCodes.Status201Created : StatusCodes.Status200OK;
        await WriteAsync(context, services.Store.Find(tenant.Name, name) ?? kernel, compiled);
    }

    private async Task GetKernel(HttpContext context, Tenant tenant)
    {
        var kernel = Find(context, tenant);
        var (compiled, _) = await services.Cache.GetAsync(kernel, context.RequestAborted);
        await WriteAsync(context, kernel, compiled);
    }

    private Task RemoveKernel(HttpContext context, Tenant tenant)
    {
        var name = Value(context, "name");
        if (!services.Store.Remove(tenant.Name, name))
            throw NoKernel(name);

        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    private async Task Launch(HttpContext context, Tenant tenant)
    {
        var kernel = Find(context, tenant);
        var message = Open(context);
        await AnswerAsync(context, await ReadLaunchAsync(message, tenant, kernel, services.Launches, context.RequestAborted));
    }

    private async Task LaunchSource(HttpContext context, Tenant tenant)
    {
        var message = Open(context);
        var source = await message.ReadSourceAsync(services.Limits.MaxSourceBytes, context.RequestAborted);
        var kernel = new StoredKernel("source", services.Clock.GetUtcNow(), source);
        await AnswerAsync(context, await ReadLaunchAsync(message, tenant, kernel, services.Launches, context.RequestAborted));
    }

    private async Task AnswerAsync(HttpContext context, (WorkerLaunch Launch, double CompileMs) read)
    {
        var (launch, compileMs) = read;
        using (launch)
        {
            var timeout = launch.Request.Timeout is { } asked && asked < services.Limits.MaxLaunchTime ? asked : services.Limits.MaxLaunchTime;
            var outcome = await services.Launches.RunAsync(launch, timeout, started: null, context.RequestAborted);
            await LaunchMessageWriter.WriteAsync(context.Response, launch.Report(compileMs, outcome), launch.Outputs, context.RequestAborted);
            services.Metrics.Sent(launch.Outputs.Sum(o => o.Bytes));
        }
    }

    private LaunchMessageReader Open(HttpContext context)
    {
        LimitBody(context, services.Limits.MaxBodyBytes);
        return new LaunchMessageReader(context.Request);
    }

    private async Task StartJob(HttpContext context, Tenant tenant)
    {
        var name = context.Request.Query["kernel"].ToString();
        var kernel = services.Store.Find(tenant.Name, name) ?? throw NoKernel(name);
        var (launch, compileMs) = await ReadLaunchAsync(Open(context), tenant, kernel, services.JobLaunches, context.RequestAborted);
        WorkerJob job;
        try
        {
            job = services.Jobs.Start(name, launch, compileMs);
        }
        catch
        {
            launch.Dispose();
            throw;
        }

        context.Response.StatusCode = StatusCodes.Status202Accepted;
        context.Response.Headers.Location = $"/v1/jobs/{job.Id}";
        await WriteAsync(context, job);
    }

    private Task RemoveJob(HttpContext context, Tenant tenant)
    {
        services.Jobs.Remove(tenant, Value(context, "id"));
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    private Task CancelJob(HttpContext context, Tenant tenant)
    {
        var job = services.Jobs.Get(tenant, Value(context, "id"));
        job.Cancel();
        context.Response.StatusCode = StatusCodes.Status202Accepted;
        return WriteAsync(context, job);
    }

    private async Task GetJobOutput(HttpContext context, Tenant tenant)
    {
        var job = services.Jobs.Get(tenant, Value(context, "id"));
        var name = Value(context, "output");
        var part = job.Output(name) ?? throw WorkerProblem.NotFound($"Job '{job.Id}' has no output '{name}', or has not succeeded.");
        await LaunchMessageWriter.WriteFileAsync(context.Response, part, context.RequestAborted);
        services.Metrics.Sent(part.Bytes);
    }

    /// <summary>A launch with its inputs in the device's memory. Whoever gets it disposes it.</summary>
    private async Task<(WorkerLaunch Launch, double CompileMs)> ReadLaunchAsync(LaunchMessageReader message, Tenant tenant, StoredKernel kernel, LaunchQueue queue, CancellationToken stop)
    {
        var request = await message.ReadLaunchAsync(stop);
        if (queue.IsFull)
            throw WorkerProblem.Full("As many launches as may wait for the device do already.");

        var (compiled, compileMs) = await services.Cache.GetAsync(kernel, stop);
        var launch = new WorkerLaunch(tenant, services.Memory, compiled, compiled.Load(queue.Device, compiled.Find(request.Kernel)), request);
        try
        {
            services.Metrics.Received(await message.ReadInputsAsync(launch, stop));
            return (launch, compileMs);
        }
        catch
        {
            launch.Dispose();
            throw;
        }
    }

    /// <summary>A source, or what was compiled of one.</summary>
    private static async Task<(KernelSource? Source, byte[]? Compiled)> ReadPublicationAsync(HttpContext context)
    {
        if (!MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var type))
            throw Wrong();

        if (type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase))
        {
            var source = await JsonSerializer.DeserializeAsync(context.Request.Body, WorkerJson.Default.KernelSource, context.RequestAborted);
            return (source ?? throw WorkerProblem.BadRequest("null is no source."), null);
        }

        if (type.MediaType.Equals(CompiledKernelFile.MediaType, StringComparison.OrdinalIgnoreCase))
        {
            using var file = new MemoryStream();
            await context.Request.Body.CopyToAsync(file, context.RequestAborted);
            return (null, file.ToArray());
        }

        if (!type.Type.Equals("text", StringComparison.OrdinalIgnoreCase))
            throw Wrong();

        using var reader = new StreamReader(context.Request.Body);
        return (new KernelSource { Source = await reader.ReadToEndAsync(context.RequestAborted) }, null);

        static WorkerProblem Wrong() => WorkerProblem.MediaType("Send CUDA C++ as text/plain, application/json with source, headers, includePaths, defines and kernels, or a compiled kernel as " + CompiledKernelFile.MediaType + ".");
    }

    private StoredKernel Find(HttpContext context, Tenant tenant)
    {
        var name = Value(context, "name");
        return services.Store.Find(tenant.Name, name) ?? throw NoKernel(name);
    }

    private static WorkerProblem NoKernel(string name) => WorkerProblem.NotFound($"No kernel is published as '{name}'. PUT /v1/kernels/{name} publishes one.");

    private static string Value(HttpContext context, string name) => (string)context.GetRouteValue(name)!;

    private static void LimitBody(HttpContext context, long bytes)
    {
        context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = null;
        context.Request.Body = new BoundedBody(context.Request.Body, bytes);
        // A sender that waits for 100 Continue is told before it has sent anything.
        if (context.Request.ContentLength > bytes)
            throw WorkerProblem.TooLarge(FormattableString.Invariant($"The body has {context.Request.ContentLength} bytes; {bytes} are allowed."));
    }

    private static Task WriteAsync(HttpContext context, WorkerJob job) => WorkerJson.WriteAsync(context.Response, job.Info(), WorkerJson.Default.JobInfo);

    private static Task WriteAsync(HttpContext context, StoredKernel kernel, CompiledSource compiled)
    {
        context.Response.Headers.ETag = $"\"{kernel.Version}\"";
        return WorkerJson.WriteAsync(context.Response, KernelInfo.Of(kernel, compiled), WorkerJson.Default.KernelInfo);
    }

    private static byte[] ReadOpenApi()
    {
        using var stream = typeof(WorkerEndpoints).Assembly.GetManifestResourceStream("openapi.json")!;
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }
}
