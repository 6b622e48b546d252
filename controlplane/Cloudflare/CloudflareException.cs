using GatewayOps.Cloudflare.Http;

namespace GatewayOps.Cloudflare;

/// <summary>What a failed call means to the caller, whatever the mixture of status, code and message text was.</summary>
public enum CloudflareErrorKind { NotFound, AlreadyExists, Authentication, Permission, RateLimited, Validation, Conflict, Server, Network, Timeout, Protocol }

/// <summary>One item of the envelope's `errors`, or of an item's `error_chain`. `Path` is where in the request, as `body.cache_ttl`; `Name` a code that is a word, as GraphQL's.</summary>
public sealed record CloudflareError(int? Code, string Message, string? Path = null, string? Name = null);

/// <summary>A call that Cloudflare refused, or whose answer did not come or could not be read.</summary>
public sealed class CloudflareException : Exception
{
    internal CloudflareException(CloudflareErrorKind kind, string message, int? status = null, IReadOnlyList<CloudflareError>? errors = null, Exception? inner = null)
        : base(message, inner)
    {
        Kind = kind;
        Status = status;
        Errors = errors ?? [];
    }

    public CloudflareErrorKind Kind { get; }

    /// <summary>HTTP status; null when there was no answer.</summary>
    public int? Status { get; }

    public IReadOnlyList<CloudflareError> Errors { get; }

    /// <summary>The codes of <see cref="Errors"/>, in their order; errors without a code have none here.</summary>
    public IReadOnlyList<int> Codes => [.. Errors.Select(error => error.Code).OfType<int>()];

    /// <summary>Cloudflare's id of the request (`cf-ray`), which its support asks for. Null when there was none. Not part of the message, so that the same failure has the same message.</summary>
    public string? Ray { get; internal init; }

    /// <summary>The same call may succeed later without anybody changing anything.</summary>
    public bool IsTransient { get; internal init; }

    /// <summary>A write whose outcome is unknown: read before repeating it.</summary>
    public bool IsAmbiguous { get; internal init; }

    /// <summary>How long Cloudflare asked to wait; at most <see cref="RetryTiming.LongestWait"/>. Null when it did not say, or said nonsense.</summary>
    public TimeSpan? RetryAfter { get; internal init; }

    /// <summary>The transport may send this call again by itself.</summary>
    internal bool MayRepeat { get; init; }

    /// <summary>What the call refers to was just made, and is not there yet.</summary>
    internal bool IsPending { get; init; }

    /// <summary>Code 10000 with 401 or 403: a wrong token, or one so new that it is not known everywhere.</summary>
    internal bool IsDenied { get; init; }

    public override string ToString() => Ray is null ? base.ToString() : $"{base.ToString()}{Environment.NewLine}cf-ray: {Ray}";
}
