using System.Text.Json;
using GatewayOps.ControlPlane.Upstreams;
using GatewayOps.ControlPlane.Usage;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>Why one attempt gave no answer to pass on, what may be tried next, and what the caller hears if nothing helps.</summary>
public sealed record UpstreamFailure(string Provider, string Outcome, OpenAiError Error)
{
    /// <summary>The same provider may be asked again.</summary>
    public bool MayRetry { get; init; }

    /// <summary>Another provider may be asked.</summary>
    public bool MayFallBack { get; init; }

    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The gateway says that it got no answer from the provider, and not why: refused, or not in time.</summary>
    public bool IsNoAnswer { get; init; }

    /// <summary>It is about the gateway, its keys or its credit: the provider was not asked, and nothing is known of it.</summary>
    public bool IsOfGateway { get; init; }

    /// <summary>The provider's own error body, where the caller gets that instead of ours.</summary>
    public ReadOnlyMemory<byte>? Body { get; init; }

    /// <summary>Those of the upstream's answer that pass to the caller, an error or not; none where there was no answer.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>What the upstream's answer tells beside its body, and what tells the caller when to come again, or that it is of no use.</summary>
    public void AddHeaders(IHeaderDictionary headers)
    {
        foreach (var (name, value) in Headers)
        {
            headers[name] = value;
        }

        if (RetryAfter is { } wait)
        {
            RetryHeaders.After(headers, wait);
        }

        if (Error.Code == "insufficient_quota")
        {
            RetryHeaders.Never(headers);
        }
    }

    public static UpstreamFailure Timeout(string provider, TimeSpan timeout) => new(
        provider, Outcomes.Timeout,
        new OpenAiError(StatusCodes.Status504GatewayTimeout, "upstream_error", "upstream_timeout", $"{provider} did not answer within {timeout.TotalMilliseconds:0} ms."))
    { MayRetry = true, MayFallBack = true };

    public static UpstreamFailure Unreachable(string provider) => new(
        provider, Outcomes.UpstreamError,
        new OpenAiError(StatusCodes.Status502BadGateway, "upstream_error", "upstream_unreachable", $"{provider} could not be reached: the connection was refused or cut."))
    { MayRetry = true, MayFallBack = true };

    /// <summary>The answer broke off after its first byte: nothing may be repeated, the tokens are spent.</summary>
    public static UpstreamFailure Truncated(string provider) => new(provider, Outcomes.Truncated, OpenAiError.Truncated());

    public static UpstreamFailure Unreadable(string provider, string what) => new(
        provider, Outcomes.UpstreamError,
        new OpenAiError(StatusCodes.Status502BadGateway, "upstream_error", "upstream_invalid", $"{provider} gave an answer that cannot be passed on: {what}."));

    /// <summary>An error in an answer that claims success, as some aggregators give before the first token, and as Cloudflare's envelope does: then its messages are told.</summary>
    public static UpstreamFailure ErrorInSuccess(string provider, ReadOnlyMemory<byte> body = default) => new(
        provider, Outcomes.UpstreamError,
        new OpenAiError(
            StatusCodes.Status502BadGateway, "upstream_error", "upstream_failed",
            $"{provider} answered with an error instead of a completion{(!body.IsEmpty && WorkersAiFault.Messages(body) is { } said ? ": " + said : ".")}"))
    { MayRetry = true, MayFallBack = true };

    /// <summary>
    /// Judges an answer that is not a success. Errors of the gateway itself go by <see cref="GatewayFaults"/>; a provider's 4xx are the caller's
    /// business and pass unchanged, but for 408 and 429, which may be tried elsewhere first.
    /// </summary>
    public static UpstreamFailure Of(UpstreamRequest request, int status, ReadOnlyMemory<byte> body, TimeSpan? retryAfter)
    {
        var provider = request.Provider.Slug;
        if (request.Provider.IsDirect)
        {
            return status is 401 or 403 && request.OwnKeys.Count == 0 ? KeyRefused(provider, status) : OfProvider(provider, status, body, retryAfter);
        }

        return GatewayFault.TryRead(body) is { } fault
            ? GatewayFaults.Judge(fault, provider, request.Gateway, status) with { RetryAfter = retryAfter }
            : OfProvider(provider, status, body, retryAfter);
    }

    /// <summary>The provider failed so often that it is not asked for a while.</summary>
    public static UpstreamFailure LeftOut(string provider, TimeSpan wait) => new(
        provider, Outcomes.UpstreamError,
        new OpenAiError(StatusCodes.Status503ServiceUnavailable, "upstream_error", "circuit_open", $"{provider} failed again and again, and is asked again in {Math.Ceiling(wait.TotalSeconds):0} s."))
    { MayFallBack = true };

    /// <summary>The same failure, told with the providers that were left out because their circuits are open. A provider's own words stay as they are.</summary>
    public UpstreamFailure Beside(IReadOnlyList<string> leftOut) => leftOut.Count == 0 || Body is not null
        ? this
        : this with { Error = Error with { Message = $"{Error.Message} Left out, because of too many failures in a row: {string.Join(", ", leftOut)}." } };

    // Our key, so our fault and not the caller's; and what the provider says of it may repeat a part of the key.
    private static UpstreamFailure KeyRefused(string provider, int status) => new(
        provider, Outcomes.UpstreamError,
        new OpenAiError(
            StatusCodes.Status502BadGateway, "upstream_error", "provider_key_refused", $"{provider} refused the proxy's key with {status}: an operator can correct {ProviderOptions.SectionOf(provider)}:ApiKey."))
    { MayFallBack = true };

    private static UpstreamFailure OfProvider(string provider, int status, ReadOnlyMemory<byte> body, TimeSpan? retryAfter)
    {
        var (words, code) = Read(body);
        ReadOnlyMemory<byte>? own = words is not null ? body : default(ReadOnlyMemory<byte>?);
        return status switch
        {
            408 => Timeout(provider) with { RetryAfter = retryAfter },
            429 => new UpstreamFailure(provider, Outcomes.RateLimited, Own(provider, status, "rate_limit_exceeded", words))
            {
                // A used-up quota does not come back by waiting.
                MayRetry = code != "insufficient_quota",
                MayFallBack = true,
                RetryAfter = retryAfter,
                Body = own,
            },
            >= 500 => new UpstreamFailure(
                provider, Outcomes.UpstreamError,
                new OpenAiError(StatusCodes.Status502BadGateway, "upstream_error", "upstream_failed", $"{provider} answered {status}."))
            { MayRetry = true, MayFallBack = true, RetryAfter = retryAfter },
            400 or 404 when code == UnknownModel.Code || (status == 404 && IsAbout(body, "model"u8)) => new UpstreamFailure(provider, Outcomes.ClientError, Own(provider, status, UnknownModel.Code, words)),
            // Redirects are never followed: a 3xx is an upstream that is not what it should be.
            < 400 => new UpstreamFailure(provider, Outcomes.UpstreamError, new OpenAiError(StatusCodes.Status502BadGateway, "upstream_error", "upstream_invalid", $"{provider} answered {status}.")),
            _ => new UpstreamFailure(provider, Outcomes.ClientError, Own(provider, status, "upstream_refused", words)) { Body = own },
        };
    }

    private static UpstreamFailure Timeout(string provider) => new(
        provider, Outcomes.Timeout,
        new OpenAiError(StatusCodes.Status504GatewayTimeout, "upstream_error", "upstream_timeout", $"{provider} gave up waiting (408)."))
    { MayRetry = true, MayFallBack = true };

    // The provider's words are for callers who expect another shape than its body has.
    private static OpenAiError Own(string provider, int status, string code, string? words) =>
        new(status, status is 429 ? "rate_limit_error" : "invalid_request_error", code, words ?? $"{provider} refused the request with {status}.");

    // Not every provider has a code for it: Anthropic says `model: x`, Gemini `models/x is not found`.
    private static bool IsAbout(ReadOnlyMemory<byte> body, ReadOnlySpan<byte> what) => body.Span.IndexOf(what) >= 0;

    // Both null where the body is no error as OpenAI, Anthropic and Workers AI shape them.
    private static (string? Words, string? Code) Read(ReadOnlyMemory<byte> body)
    {
        if (WorkersAiFault.TryRead(body) is { } fault)
        {
            return (fault.Message, fault.OwnCode);
        }

        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement is { ValueKind: JsonValueKind.Object } root
                && root.TryGetProperty("error", out var error) && error.ValueKind is JsonValueKind.Object
                && error.TryGetProperty("message", out var message) && message.ValueKind is JsonValueKind.String
                ? (message.GetString(), error.TryGetProperty("code", out var code) && code.ValueKind is JsonValueKind.String ? code.GetString() : null)
                : default;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return default;
        }
    }
}
