using GatewayOps.Emulator.DataPlane.Guards;
using GatewayOps.Emulator.State;
using GatewayOps.Emulator.Upstreams;
using Microsoft.Net.Http.Headers;

namespace GatewayOps.Emulator.DataPlane;

/// <summary>A row that was begun: its id goes to the client before its outcome is known.</summary>
/// <param name="Started">A timestamp of the time provider, for the duration.</param>
public sealed record LogDraft(string Id, long Started)
{
    /// <summary>The same kind of timestamp, when the answer began; 0 while it has not.</summary>
    public long FirstByte { get; set; }
}

/// <summary>How a request or one attempt at it ended.</summary>
/// <param name="Status">As the client sees it; 499 when it went away first.</param>
/// <param name="Body">What was answered.</param>
public sealed record LogOutcome(int Status, bool Success, string? ContentType, byte[] Body, TokenUsage? Usage, bool Cached = false)
{
    public const int ClientGone = 499;

    public static LogOutcome Gone { get; } = new(ClientGone, Success: false, ContentType: null, Body: [], Usage: null);

    public static LogOutcome Plain(UpstreamReply reply, byte[] body) =>
        new(reply.Status, reply.IsSuccess, reply.ContentType, body, reply.IsSuccess ? TokenUsage.Read(body) : null);

    /// <param name="usage">Of an answer that was paid for and withheld.</param>
    public static LogOutcome Refused(GatewayError error, TokenUsage? usage = null) => new(error.Status, Success: false, "application/json", error.Body(), usage);

    public static LogOutcome FromCache(CachedAnswer cached) =>
        new(cached.Status, Success: true, UpstreamReply.ContentTypeOf(cached.Headers), cached.Body, TokenUsage.Read(cached.Body), Cached: true);
}

/// <summary>Writes the log rows of one call, a row for every attempt (contract 3, 14), where logging is on for it.</summary>
public sealed class RequestLog(GuardedCall guarded, GatewayGuards guards, EmulatorClock clock)
{
    private readonly ProviderCall _call = guarded.Call;

    public const string RoutePrefix = "dynamic/";

    public bool IsOn { get; } = guarded.Call.Directives.CollectLog ?? guarded.Call.Gateway.Settings.CollectLogs;

    public LogDraft Begin() => new(_call.Gateway.Logs.NewId(), clock.GetTimestamp());

    public string? IdOf(LogDraft draft) => IsOn ? draft.Id : null;

    /// <param name="failedRoute">The dynamic route that ended with this failure.</param>
    public void Write(LogDraft draft, LogOutcome outcome, string? failedRoute)
    {
        var (arrival, target, directives) = (_call.Arrival, _call.Target, _call.Directives);
        var payload = IsOn && (directives.CollectPayload ?? true);
        var row = new LogRow
        {
            Id = draft.Id,
            Provider = failedRoute is null ? target.Provider.Slug : GatewayProvider.Unknown.Slug,
            Model = failedRoute is null ? target.Model : RoutePrefix + failedRoute,
            Path = target.LogPath,
            StatusCode = outcome.Status,
            Success = outcome.Success,
            Cached = outcome.Cached,
            Duration = (long)clock.GetElapsedTime(draft.Started).TotalMilliseconds,
            Latency = draft.FirstByte == 0 ? null : (int)clock.GetElapsedTime(draft.Started, draft.FirstByte).TotalMilliseconds,
            TokensIn = outcome.Usage?.In,
            TokensOut = outcome.Usage?.Out,
            CachedTokens = (int)Math.Min(outcome.Usage?.Cached ?? 0, int.MaxValue),
            ReasoningTokens = (int)Math.Min(outcome.Usage?.Reasoning ?? 0, int.MaxValue),
            Neurons = (float?)outcome.Usage?.Neurons,
            // Nobody knows what a provider of the account's own costs, whatever its models are called.
            Cost = outcome.Cached ? 0 : Cost.Of(target.Provider.IsCustom ? "" : target.Model, outcome.Usage, directives.CustomCost),
            CustomCost = directives.CustomCost is not null,
            Metadata = directives.Metadata,
            RequestContentType = MediaType(UpstreamReply.ContentTypeOf(_call.Headers)),
            ResponseContentType = MediaType(outcome.ContentType),
            Step = _call.Step,
            // Contract 3: rows of dynamic routes have none; they are correlated by metadata.
            EventId = _call.Route is null ? directives.EventId ?? arrival.EventId : "",
            UserAgent = arrival.UserAgent,
            Authentication = arrival.Caller.Token is not null,
            Wholesale = guarded.Credential.Wholesale,
            Byok = guarded.Credential.Stored,
            CompatibilityMode = target.Compat,
            TraceId = directives.TraceId,
            ParentSpanId = directives.ParentSpanId,
            SessionId = directives.SessionId,
            TurnId = directives.TurnId,
            RequestBody = payload ? target.Body.ToArray() : null,
            ResponseBody = payload ? outcome.Body : null,
        };
        row = guards.Settle(guarded, row, outcome.Body); // money is spent whether or not the gateway keeps a log
        _call.Paid?.Invoke(row.Cost);
        if (IsOn)
            arrival.Gateway.AddLog(row);
    }

    private static string MediaType(string? contentType)
    {
        if (contentType is null)
            return "";
        if (contentType == "application/json")
            return contentType;
        return MediaTypeHeaderValue.TryParse(contentType, out var parsed) ? parsed.MediaType.ToString() : "";
    }
}
