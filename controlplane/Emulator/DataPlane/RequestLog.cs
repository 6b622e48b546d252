using GatewayOps.Emulator.State;
using Microsoft.Net.Http.Headers;

namespace GatewayOps.Emulator.DataPlane;

/// <summary>A row that was begun: its id goes to the client before its outcome is known.</summary>
/// <param name="Started">A timestamp of the time provider, for the duration.</param>
public sealed record LogDraft(string Id, DateTimeOffset CreatedAt, long Started);

/// <summary>How a request or one attempt at it ended.</summary>
/// <param name="Status">As the client sees it; 499 when it went away first.</param>
/// <param name="Body">What was answered.</param>
public sealed record LogOutcome(int Status, bool Success, string? ContentType, byte[] Body, TokenUsage? Usage, bool Cached = false)
{
    public const int ClientGone = 499;
}

/// <summary>Writes the log rows of one request, a row for every attempt (contract 3, 14), where logging is on for it.</summary>
public sealed class RequestLog(
    Caller caller, ProviderCall call, Credential credential, RequestDirectives directives, string eventId, IHeaderDictionary headers, EmulatorClock clock)
{
    private readonly string _userAgent = headers.UserAgent.ToString();
    private readonly string _contentType = headers.ContentType.ToString();

    public bool IsOn => directives.CollectLog ?? caller.Gateway.Settings.CollectLogs;

    public LogDraft Begin() => new(caller.Gateway.Logs.NewId(), clock.GetUtcNow(), clock.GetTimestamp());

    public void Write(LogDraft draft, LogOutcome outcome)
    {
        if (!IsOn)
            return;
        caller.Gateway.AddLog(new LogRow
        {
            Id = draft.Id,
            CreatedAt = draft.CreatedAt,
            Provider = call.Provider.Slug,
            Model = call.Model,
            Path = call.LogPath,
            StatusCode = outcome.Status,
            Success = outcome.Success,
            Cached = outcome.Cached,
            Duration = (long)clock.GetElapsedTime(draft.Started).TotalMilliseconds,
            TokensIn = outcome.Usage?.In,
            TokensOut = outcome.Usage?.Out,
            Cost = outcome.Cached ? 0 : Cost.Of(call.Model, outcome.Usage, directives.CustomCost),
            CustomCost = directives.CustomCost is not null,
            Metadata = directives.Metadata,
            RequestContentType = MediaType(_contentType),
            ResponseContentType = MediaType(outcome.ContentType),
            EventId = eventId,
            UserAgent = _userAgent.Length > 0 ? _userAgent : null,
            Authentication = caller.Token is not null,
            Wholesale = credential.Wholesale,
            Byok = credential.Stored,
            CompatibilityMode = call.Compat,
            RequestBody = directives.CollectPayload ? call.Body.Bytes.ToArray() : null,
            ResponseBody = directives.CollectPayload ? outcome.Body : null,
        });
    }

    private static string MediaType(string? contentType) =>
        MediaTypeHeaderValue.TryParse(contentType, out var parsed) ? parsed.MediaType.ToString() : "";
}
