using System.Text;

namespace GatewayOps.Cloudflare;

/// <summary>Where the account is, what opens it, and how hard it may be asked. Limits: Cloudflare contract, section 1.4.</summary>
public sealed record CloudflareOptions
{
    public required string AccountId { get; init; }

    /// <summary>API token, sent as Bearer. Never part of ToString, an exception, a metric or a log.</summary>
    public required string ApiToken { get; init; }

    /// <summary>Base of the management API; the emulator is reached by changing it.</summary>
    public Uri BaseUrl { get; init; } = new("https://api.cloudflare.com/client/v4");

    /// <summary>Requests, retries included, that one client sends within any five minutes. Exceeding Cloudflare's own 1200 blocks the account for five minutes.</summary>
    public int RequestsPerFiveMinutes { get; init; } = 1200;

    /// <summary>Time for one attempt, without the wait for the limiter.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Attempts after the first one, 0 or more.</summary>
    public int MaxRetries { get; init; } = 2;

    /// <summary>Says what is wrong without the values: the text ends in logs.</summary>
    internal static CloudflareOptions Checked(CloudflareOptions options)
    {
        var fault =
            string.IsNullOrWhiteSpace(options.AccountId) ? $"{nameof(AccountId)} is missing"
            : string.IsNullOrEmpty(options.ApiToken) ? $"{nameof(ApiToken)} is missing"
            : options.ApiToken.Any(c => c is <= ' ' or > '~') ? $"{nameof(ApiToken)} holds a character that a header cannot carry"
            : options.BaseUrl is not { IsAbsoluteUri: true, Scheme: "http" or "https", Query: "", Fragment: "", UserInfo: "" } ? $"{nameof(BaseUrl)} is not a plain http(s) address"
            : options.RequestsPerFiveMinutes < 1 ? $"{nameof(RequestsPerFiveMinutes)} must be 1 or more"
            : options.MaxRetries < 0 ? $"{nameof(MaxRetries)} must be 0 or more"
            : options.Timeout <= TimeSpan.Zero && options.Timeout != System.Threading.Timeout.InfiniteTimeSpan ? $"{nameof(Timeout)} must be positive or infinite"
            : null;
        return fault is null ? options : throw new ArgumentException(fault, nameof(options));
    }

    private bool PrintMembers(StringBuilder text)
    {
        text.Append($"AccountId = {AccountId}, ApiToken = (hidden), BaseUrl = {BaseUrl}, RequestsPerFiveMinutes = {RequestsPerFiveMinutes}, Timeout = {Timeout}, MaxRetries = {MaxRetries}");
        return true;
    }
}
