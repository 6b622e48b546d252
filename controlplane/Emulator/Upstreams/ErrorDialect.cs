namespace GatewayOps.Emulator.Upstreams;

/// <summary>How one provider's API words and shapes its errors.</summary>
public abstract class ErrorDialect
{
    /// <param name="request">Null where the request plays no part: an error on demand.</param>
    public UpstreamReply Answer(Refusal refusal, UpstreamRequest? request, params ReadOnlySpan<KeyValuePair<string, string>> headers)
    {
        var status = refusal.Status ?? StatusOf(refusal.Kind);
        return UpstreamReply.Json(status, Body(status, refusal, request), [.. Headers(refusal), .. headers]);
    }

    protected abstract byte[] Body(int status, Refusal refusal, UpstreamRequest? request);

    protected virtual int StatusOf(RefusalKind kind) => kind switch
    {
        RefusalKind.KeyMissing or RefusalKind.KeyRefused => 401,
        RefusalKind.Forbidden => 403,
        RefusalKind.ModelUnknown or RefusalKind.PathUnknown or RefusalKind.NotFound => 404,
        RefusalKind.TooLarge => 413,
        RefusalKind.RateLimited => 429,
        RefusalKind.ServerFailed => 500,
        RefusalKind.Overloaded => 503,
        _ => 400,
    };

    protected virtual IReadOnlyList<KeyValuePair<string, string>> Headers(Refusal refusal) => [];
}
