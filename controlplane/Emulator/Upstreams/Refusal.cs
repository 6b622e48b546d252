namespace GatewayOps.Emulator.Upstreams;

/// <summary>Why a provider refuses a request, without the shape of its errors.</summary>
public enum RefusalKind
{
    BadRequest,
    KeyMissing,
    KeyRefused,
    Forbidden,

    /// <summary>The message is the model's name.</summary>
    ModelUnknown,

    /// <summary>The message is method and path.</summary>
    PathUnknown,

    /// <summary>Something that is named by id is not there.</summary>
    NotFound,

    /// <summary>The prompt is longer than the model's context window; the message says the numbers.</summary>
    ContextExceeded,
    TooLarge,
    RateLimited,
    ServerFailed,
    Overloaded,
}

/// <param name="Param">Where in the request.</param>
/// <param name="Code">The provider's own word for it, where its dialect has one.</param>
/// <param name="Status">When it is not the kind's usual one.</param>
/// <param name="Tokens">Of the prompt, and the window that it does not fit: with <see cref="RefusalKind.ContextExceeded"/>.</param>
public sealed record Refusal(
    RefusalKind Kind, string Message, string? Param = null, string? Code = null, int? Status = null, (int Prompt, int Window) Tokens = default)
{
    /// <summary>The one that a status means, for a provider that is told to fail with it.</summary>
    public static Refusal Of(int status) => status switch
    {
        401 => new(RefusalKind.KeyRefused, "", Status: status),
        403 => new(RefusalKind.Forbidden, "The request is not allowed.", Status: status),
        404 => new(RefusalKind.NotFound, "Not found.", Status: status),
        413 => new(RefusalKind.TooLarge, "The request is too large.", Status: status),
        429 => new(RefusalKind.RateLimited, "Rate limit reached for requests.", Code: "rate_limit_exceeded", Status: status),
        503 or 529 => new(RefusalKind.Overloaded, "The server is overloaded.", Status: status),
        >= 500 => new(RefusalKind.ServerFailed, "The server had an error while processing your request.", Status: status),
        _ => new(RefusalKind.BadRequest, "The request was refused.", Status: status),
    };
}

/// <summary>Thrown by whoever reads a request; the provider's errors make an answer of it.</summary>
public sealed class RefusedException(Refusal refusal) : Exception(refusal.Message)
{
    public RefusedException(string message, string? param = null, string? code = null)
        : this(new Refusal(RefusalKind.BadRequest, message, param, code))
    {
    }

    public Refusal Refusal => refusal;
}
