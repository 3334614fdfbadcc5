using Nutanix.Prism.Http;
using Nutanix.Prism.V3;
using Nutanix.Prism.V4;

namespace Nutanix.Prism.Api;

/// <summary>
/// Chooses the API generation by what the server answers: v4 if it serves clusters, machines and tasks in it, else v3. A
/// server that serves neither is told with both reasons.
/// </summary>
internal static class GenerationChoice
{
    public static async Task<IPrismApi> ConnectAsync(PrismHttp http, PrismConnectionOptions options, CancellationToken cancellationToken)
    {
        if (options.ApiGeneration == PrismApiGeneration.V3)
        {
            return await ProveAsync(new V3Prism(http), cancellationToken).ConfigureAwait(false);
        }

        var v4 = new V4Prism(http, options.ApiVersions);
        try
        {
            await v4.ProveAsync(cancellationToken).ConfigureAwait(false);
            if (options.ApiGeneration == PrismApiGeneration.V4
                || await v4.FindMissingAsync(cancellationToken).ConfigureAwait(false) is not { } missing)
            {
                return v4;
            }

            http.Log(missing.Message);
            if (await TryV3Async(http, cancellationToken).ConfigureAwait(false) is { } older)
            {
                v4.Dispose();
                return older;
            }

            return v4;
        }
        catch (PrismVersionException e) when (options.ApiGeneration == PrismApiGeneration.Auto && options.ApiVersions is not { Count: > 0 })
        {
            v4.Dispose();
            http.Log($"v4 is not served, trying v3: {e.Message}");
            if (await TryV3Async(http, cancellationToken).ConfigureAwait(false) is { } older)
            {
                return older;
            }

            throw;
        }
        catch
        {
            v4.Dispose();
            throw;
        }
    }

    private static async Task<IPrismApi?> TryV3Async(PrismHttp http, CancellationToken cancellationToken)
    {
        try
        {
            IPrismApi v3 = await ProveAsync(new V3Prism(http), cancellationToken).ConfigureAwait(false);
            http.Log("Using v3.");
            return v3;
        }
        catch (PrismVersionException e)
        {
            http.Log(e.Message);
            return null;
        }
    }

    private static async Task<IPrismApi> ProveAsync(V3Prism v3, CancellationToken cancellationToken)
    {
        await v3.ProveAsync(cancellationToken).ConfigureAwait(false);
        return v3;
    }
}
