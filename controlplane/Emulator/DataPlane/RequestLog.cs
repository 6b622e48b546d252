using GatewayOps.Emulator.DataPlane.Guards;
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
    GuardedCall guarded, GatewayGuards guards, string eventId, IHeaderDictionary headers, EmulatorClock clock)
{
    private readonly Caller _caller = guarded.Caller;
    private readonly ProviderCall _call = guarded.Call;
    private readonly Credential _credential = guarded.Credential;
    private readonly RequestDirectives _directives = guarded.Directives;
    private readonly string _userAgent = headers.UserAgent.ToString();
    private readonly string _contentType = headers.ContentType.ToString();

    public bool IsOn => _directives.CollectLog ?? _caller.Gateway.Settings.CollectLogs;

    public LogDraft Begin() => new(_caller.Gateway.Logs.NewId(), clock.GetUtcNow(), clock.GetTimestamp());

    public void Write(LogDraft draft, LogOutcome outcome)
    {
        var row = new LogRow
        {
            Id = draft.Id,
            CreatedAt = draft.CreatedAt,
            Provider = _call.Provider.Slug,
            Model = _call.Model,
            Path = _call.LogPath,
            StatusCode = outcome.Status,
            Success = outcome.Success,
            Cached = outcome.Cached,
            Duration = (long)clock.GetElapsedTime(draft.Started).TotalMilliseconds,
            TokensIn = outcome.Usage?.In,
            TokensOut = outcome.Usage?.Out,
            Cost = outcome.Cached ? 0 : Cost.Of(_call.Model, outcome.Usage, _directives.CustomCost),
            CustomCost = _directives.CustomCost is not null,
            Metadata = _directives.Metadata,
            RequestContentType = MediaType(_contentType),
            ResponseContentType = MediaType(outcome.ContentType),
            EventId = eventId,
            UserAgent = _userAgent.Length > 0 ? _userAgent : null,
            Authentication = _caller.Token is not null,
            Wholesale = _credential.Wholesale,
            Byok = _credential.Stored,
            CompatibilityMode = _call.Compat,
            Guardrails = guarded.Findings.Guardrails,
            DlpAction = guarded.Findings.DlpAction,
            DlpProfiles = guarded.Findings.DlpProfiles,
            RequestBody = _directives.CollectPayload ? _call.Body.Bytes.ToArray() : null,
            ResponseBody = _directives.CollectPayload ? outcome.Body : null,
        };
        guards.Settle(guarded, row); // money is spent whether or not the gateway keeps a log
        if (IsOn)
            _caller.Gateway.AddLog(row);
    }

    private static string MediaType(string? contentType) =>
        MediaTypeHeaderValue.TryParse(contentType, out var parsed) ? parsed.MediaType.ToString() : "";
}
