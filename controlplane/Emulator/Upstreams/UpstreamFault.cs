namespace GatewayOps.Emulator.Upstreams;

/// <summary>What a simulated provider does wrong, as the body of PUT /_emulator/upstreams/{provider}/fault says it.</summary>
/// <param name="Status">Answer with this status, 400 to 599, in place of the real answer.</param>
/// <param name="DelayMs">Milliseconds of real time before the first byte, 0 to 600 000.</param>
/// <param name="CutAfterEvents">Break the connection after this many events; a plain answer never arrives whole.</param>
/// <param name="RetryAfterSeconds">Value of Retry-After beside <paramref name="Status"/>.</param>
/// <param name="Times">How many requests it meets, 1 or more; null until cleared.</param>
/// <param name="Body">Body beside <paramref name="Status"/>; null for an error in the provider's shape.</param>
public sealed record UpstreamFault(
    int? Status = null, int DelayMs = 0, int? CutAfterEvents = null, int? RetryAfterSeconds = null, int? Times = null, string? Body = null)
{
    /// <summary>Null when every value is in range; otherwise the sentence that says which is not.</summary>
    public string? Problem() => this switch
    {
        { Status: < 400 or > 599 } => "status must be 400 to 599",
        { DelayMs: < 0 or > 600_000 } => "delayMs must be 0 to 600000",
        { CutAfterEvents: < 0 } => "cutAfterEvents must be 0 or more",
        { RetryAfterSeconds: < 0 } => "retryAfterSeconds must be 0 or more",
        { Times: < 1 } => "times must be 1 or more; leave it out for a fault that stays",
        _ => null,
    };
}
