namespace GatewayOps.Client;

/// <summary>
/// A call that failed, with what is known of why: one of the sealed kinds, or this where none fits. Its message never holds the token; neither does what it wraps. A cancelled call throws
/// <see cref="OperationCanceledException"/> instead. Source: checklist S3-20 to S3-23.
/// </summary>
public class GatewayException : Exception
{
    internal GatewayException(string message, GatewayFailure failure, Exception? inner = null) : base(message, inner) => Failure = failure;

    /// <summary>The HTTP status, 100 to 599; null when no answer came, or what came was 200 and broke off.</summary>
    public int? Status => Failure.Status;

    /// <summary>What the answer calls the error, as `model_not_found` or `2009`; null where it has no name for it.</summary>
    public string? Code => Failure.Code;

    /// <summary>The id under which the gateway or the proxy knows the request; null where it said none.</summary>
    public string? RequestId => Failure.RequestId;

    /// <summary>Attempts that were made, 1 or more.</summary>
    public int Attempts { get; internal set; } = 1;

    internal GatewayFailure Failure { get; }
}

internal readonly record struct GatewayFailure(int? Status, string? Code, string? RequestId);

/// <summary>Status 429, still so after the retries that the options allow. Not for a spent budget, which is <see cref="GatewayInsufficientCreditsException"/>.</summary>
public sealed class GatewayRateLimitedException : GatewayException
{
    internal GatewayRateLimitedException(string message, GatewayFailure failure, TimeSpan? retryAfter) : base(message, failure) => RetryAfter = retryAfter;

    /// <summary>How long to wait, as the last answer said; null where it did not. Zero or more.</summary>
    public TimeSpan? RetryAfter { get; }
}

/// <summary>Status 401 or 403: the token is wrong, or may not do this. Never retried.</summary>
public sealed class GatewayUnauthorizedException : GatewayException
{
    internal GatewayUnauthorizedException(string message, GatewayFailure failure) : base(message, failure)
    {
    }
}

/// <summary>Status 402, or `insufficient_quota`: the provider's credit, or a budget of the gateway or of the proxy, is spent. Never retried.</summary>
public sealed class GatewayInsufficientCreditsException : GatewayException
{
    internal GatewayInsufficientCreditsException(string message, GatewayFailure failure) : base(message, failure)
    {
    }
}

/// <summary>The provider does not have the model.</summary>
public sealed class GatewayModelNotFoundException : GatewayException
{
    internal GatewayModelNotFoundException(string message, GatewayFailure failure, string model, IReadOnlyList<string> suggestions) : base(message, failure) => (Model, Suggestions) = (model, suggestions);

    /// <summary>The model that was asked for, as it was sent.</summary>
    public string Model { get; }

    /// <summary>Names that were possibly meant, the nearest first, 0 to 3: those that the answer names, else the known ones that come near.</summary>
    public IReadOnlyList<string> Suggestions { get; }
}

/// <summary>The account has no such gateway. Source: checklist S0-15.</summary>
public sealed class GatewayNotFoundException : GatewayException
{
    internal GatewayNotFoundException(string message, GatewayFailure failure, string gatewayId) : base(message, failure) => GatewayId = gatewayId;

    /// <summary>The id that was asked for.</summary>
    public string GatewayId { get; }
}

/// <summary>Nothing came within <see cref="GatewayClientOptions.Timeout"/>, or the gateway itself gave up waiting (status 408 or 504).</summary>
public sealed class GatewayTimeoutException : GatewayException
{
    internal GatewayTimeoutException(string message, GatewayFailure failure, TimeSpan limit, Exception? inner = null) : base(message, failure, inner) => Limit = limit;

    /// <summary>The limit that passed; the option's, where the gateway gave up.</summary>
    public TimeSpan Limit { get; }
}

/// <summary>An answer that broke off. Of a stream: it ended without a finish reason and `[DONE]`, however it ended. What came before was real, and is not the whole answer.</summary>
public sealed class GatewayTruncatedException : GatewayException
{
    internal GatewayTruncatedException(string message, GatewayFailure failure, Exception? inner = null) : base(message, failure, inner)
    {
    }
}

/// <summary>A whole answer of more than <see cref="GatewayClientOptions.MaxAnswerBytes"/>, or a stream with more than 16 MiB and no event in them. It was given up there, and is not asked for again.</summary>
public sealed class GatewayAnswerTooLargeException : GatewayException
{
    internal GatewayAnswerTooLargeException(string message, GatewayFailure failure, int limit) : base(message, failure) => Limit = limit;

    internal static GatewayAnswerTooLargeException Whole(int status, string? requestId, int limit) =>
        new($"The answer is larger than {limit} bytes: ask for less, or raise {nameof(GatewayClientOptions.MaxAnswerBytes)}.", new GatewayFailure(status, null, requestId), limit);

    /// <summary>The bytes that it may have had.</summary>
    public int Limit { get; }
}

/// <summary>An answer that is no value of the type that was asked for, also after one attempt at repair. Source: checklist S3-17.</summary>
public sealed class GatewayOutputException : GatewayException
{
    internal GatewayOutputException(string message, GatewayFailure failure, string text, Type type, GatewayUsage usage, Exception? inner = null) : base(message, failure, inner) =>
        (Text, OutputType, Usage) = (text, type, usage);

    /// <summary>What the model said last. Not part of the message: it may be private.</summary>
    public string Text { get; }

    /// <summary>The type that was asked for.</summary>
    public Type OutputType { get; }

    /// <summary>What the attempts used.</summary>
    public GatewayUsage Usage { get; }
}
