namespace GpuPlatform.Workers;

/// <summary>Asks workers whether they are ready. What does not answer at all is not ready either.</summary>
/// <param name="handler">How workers are reached; null for directly.</param>
public sealed class WorkerReadiness(HttpMessageHandler? handler = null) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly HttpClient _http = new(handler ?? new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }, disposeHandler: handler is null)
    {
        Timeout = Patience,
    };

    public async Task<bool> IsReadyAsync(Uri endpoint, CancellationToken cancellationToken)
    {
        try
        {
            using HttpResponseMessage answer = await _http.GetAsync(new Uri(endpoint, "/readyz"), HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    public void Dispose() => _http.Dispose();
}
