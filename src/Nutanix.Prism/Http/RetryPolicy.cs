using System.Globalization;
using System.Net;
using Polly;
using Polly.Retry;

namespace Nutanix.Prism.Http;

/// <summary>
/// Which outcomes are tried again: 408, 429, 502, 503, 504, a cut or refused connection, a timeout, JSON that is cut off; 500 and
/// a success that is no JSON twice only. Waits grow from 1 s to 30 s with jitter; a Retry-After is obeyed should a server
/// ever send one.
/// </summary>
internal static class RetryPolicy
{
    public static readonly ResiliencePropertyKey<PrismRequest> Request = new("prism-request");

    private const int MaxRetriesOfInternalError = 2;

    public static ResiliencePipeline<PrismResponse> Build(int maxRetries, TimeProvider time, Action<string> log)
    {
        if (maxRetries == 0)
        {
            return ResiliencePipeline<PrismResponse>.Empty;
        }

        return new ResiliencePipelineBuilder<PrismResponse> { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions<PrismResponse>
            {
                MaxRetryAttempts = maxRetries,
                BackoffType = DelayBackoffType.Exponential,
                Delay = TimeSpan.FromSeconds(1),
                MaxDelay = TimeSpan.FromSeconds(30),
                UseJitter = true,
                ShouldHandle = args => ValueTask.FromResult(ShouldRetry(args)),
                DelayGenerator = args => ValueTask.FromResult(
                    args.Outcome.Result?.RetryAfter is { } wait ? TimeSpan.FromSeconds(Math.Min(wait.TotalSeconds, 120)) : (TimeSpan?)null),
                OnRetry = args =>
                {
                    string cause = args.Outcome.Exception?.Message
                        ?? (args.Outcome.Result!.IsSuccess ? "the answer is cut off or is not JSON." : Describe(args.Outcome.Result.Status));
                    string wait = args.RetryDelay.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture);
                    log($"{args.Context.Properties.GetValue(Request, null!)}: {cause} Retry {args.AttemptNumber + 1} of {maxRetries} in {wait} s.");
                    return ValueTask.CompletedTask;
                },
            })
            .Build();
    }

    private static bool ShouldRetry(RetryPredicateArguments<PrismResponse> args)
    {
        Resend resend = args.Context.Properties.GetValue(Request, null!).Resend;
        if (args.Outcome.Exception is { } exception)
        {
            return resend == Resend.OnPassingFault && exception is PrismConnectionException { IsTransient: true };
        }

        PrismResponse response = args.Outcome.Result!;
        HttpStatusCode status = response.Status;
        if (status == HttpStatusCode.TooManyRequests || (status == HttpStatusCode.BadRequest && IsRateLimit(response)))
        {
            return true;
        }

        if (resend == Resend.OnlyIfRefused)
        {
            return false;
        }

        if (response.IsSuccess && response.Body.Length > 0)
        {
            return response.LooksLikeJson
                ? !response.IsWholeJson
                : resend == Resend.OnPassingFault && args.AttemptNumber < MaxRetriesOfInternalError;
        }

        return status switch
        {
            HttpStatusCode.RequestTimeout or HttpStatusCode.BadGateway
                or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout => true,
            HttpStatusCode.InternalServerError => args.AttemptNumber < MaxRetriesOfInternalError,
            _ => false,
        };
    }

    // Some services refuse for the rate with 400 and say so in the group only.
    private static bool IsRateLimit(PrismResponse response) =>
        ServerError.Read(response).Group is "RATE_LIMIT_EXCEEDED" or "RATE_LIMIT_ERROR" or "TOO_MANY_REQUESTS";

    private static string Describe(HttpStatusCode status) => string.Create(CultureInfo.InvariantCulture, $"the server answered {(int)status}.");
}
