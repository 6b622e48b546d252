using System.Text;

namespace GatewayOps.Cloudflare;

/// <summary>Where the account is, what opens it, and how hard it may be asked. Limits: Cloudflare contract, sections 1.4, 15 and 16.</summary>
public sealed record CloudflareOptions
{
    /// <summary>The names of the environment for <see cref="FromEnvironment"/>, which are also those of the service.</summary>
    public const string AccountIdVariable = "CLOUDFLARE_ACCOUNT_ID", ApiTokenVariable = "CLOUDFLARE_API_TOKEN", BaseUrlVariable = "CLOUDFLARE_BASE_URL";

    /// <summary>The older credentials, read where there is no token.</summary>
    public const string EmailVariable = "CLOUDFLARE_EMAIL", ApiKeyVariable = "CLOUDFLARE_API_KEY";

    public required string AccountId { get; init; }

    /// <summary>API token, sent as Bearer. Never part of ToString, an exception, a metric or a log. Empty where <see cref="ApiKey"/> is used.</summary>
    public string ApiToken { get; init; } = "";

    /// <summary>The account's e-mail address, sent with <see cref="ApiKey"/>.</summary>
    public string? ApiEmail { get; init; }

    /// <summary>The older global key, in the place of a token. As secret as that.</summary>
    public string? ApiKey { get; init; }

    /// <summary>Base of the management API; the emulator is reached by changing it.</summary>
    public Uri BaseUrl { get; init; } = new("https://api.cloudflare.com/client/v4");

    /// <summary>Requests, retries included, that one client sends within any five minutes. Exceeding Cloudflare's own 1200 blocks the account for five minutes.</summary>
    public int RequestsPerFiveMinutes { get; init; } = 1200;

    /// <summary>The same for GraphQL, whose budget is its own: about 300 by Cloudflare's account, and dearer queries count more.</summary>
    public int GraphQlRequestsPerFiveMinutes { get; init; } = 300;

    /// <summary>Runs of models within any minute: 300 is the limit of text generation, other tasks have more.</summary>
    public int RunsPerMinute { get; init; } = 300;

    /// <summary>Time for one attempt, without the wait for the limiter; of a stream, until its headers and then between two events.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Attempts after the first one, 0 or more.</summary>
    public int MaxRetries { get; init; } = 2;

    /// <summary>
    /// Time for one call with all its attempts and waits; of a list, for each page. Infinite for work in the background; where a person waits,
    /// <see cref="CloudflareClient.Within"/> sets it for some calls.
    /// </summary>
    public TimeSpan Deadline { get; init; } = System.Threading.Timeout.InfiniteTimeSpan;

    /// <summary>
    /// How long after its start the client takes a refusal of its credentials (10000) for a token that is too new: such a one flaps between 403 and 200 for about
    /// a minute. Zero: a refusal is a refusal.
    /// </summary>
    public TimeSpan NewTokenGrace { get; init; }

    public Assumptions Assumptions { get; init; } = new();

    /// <summary>Reads the well-known names. Throws an <see cref="ArgumentException"/> that names what is missing or wrong, never its value. An empty value counts as not set.</summary>
    public static CloudflareOptions FromEnvironment(Func<string, string?> variable)
    {
        string? Value(string name) => variable(name) is { Length: > 0 } value ? value : null;
        var token = Value(ApiTokenVariable);
        if (Value(AccountIdVariable) is not { } account) throw new ArgumentException($"{AccountIdVariable} is not set", nameof(variable));
        if (token is null && (Value(EmailVariable) is null || Value(ApiKeyVariable) is null)) throw new ArgumentException($"{ApiTokenVariable} is not set", nameof(variable));
        var options = new CloudflareOptions { AccountId = account, ApiToken = token ?? "", ApiEmail = token is null ? Value(EmailVariable) : null, ApiKey = token is null ? Value(ApiKeyVariable) : null };
        if (Value(BaseUrlVariable) is not { } text) return Checked(options);
        return Uri.TryCreate(text, UriKind.Absolute, out var url)
            ? Checked(options with { BaseUrl = url })
            : throw new ArgumentException($"{BaseUrlVariable} is no absolute address", nameof(variable));
    }

    /// <summary>Says what is wrong without the values: the text ends in logs.</summary>
    internal static CloudflareOptions Checked(CloudflareOptions options)
    {
        var fault =
            string.IsNullOrWhiteSpace(options.AccountId) ? $"{nameof(AccountId)} is missing"
            : options.ApiKey is null && string.IsNullOrEmpty(options.ApiToken) ? $"{nameof(ApiToken)} is missing"
            : options.ApiKey is not null && (options.ApiToken.Length > 0 || string.IsNullOrEmpty(options.ApiEmail)) ? $"{nameof(ApiKey)} goes with {nameof(ApiEmail)}, and without {nameof(ApiToken)}"
            : !IsHeaderText(options.ApiToken) ? $"{nameof(ApiToken)} holds a character that a header cannot carry"
            : !IsHeaderText(options.ApiKey ?? "") || !IsHeaderText(options.ApiEmail ?? "") ? $"{nameof(ApiKey)} or {nameof(ApiEmail)} holds a character that a header cannot carry"
            : options.BaseUrl is not { IsAbsoluteUri: true, Scheme: "http" or "https", Query: "", Fragment: "", UserInfo: "" } ? $"{nameof(BaseUrl)} is not a plain http(s) address"
            : options.RequestsPerFiveMinutes < 1 || options.GraphQlRequestsPerFiveMinutes < 1 || options.RunsPerMinute < 1 ? "a limit of requests must be 1 or more"
            : options.MaxRetries < 0 ? $"{nameof(MaxRetries)} must be 0 or more"
            : !IsTime(options.Timeout) ? $"{nameof(Timeout)} must be positive or infinite"
            : !IsTime(options.Deadline) ? $"{nameof(Deadline)} must be positive or infinite"
            : options.NewTokenGrace < TimeSpan.Zero ? $"{nameof(NewTokenGrace)} must be zero or more"
            : null;
        return fault is null ? options : throw new ArgumentException(fault, nameof(options));
    }

    private static bool IsHeaderText(string text) => !text.Any(c => c is <= ' ' or > '~');

    private static bool IsTime(TimeSpan time) => time > TimeSpan.Zero || time == System.Threading.Timeout.InfiniteTimeSpan;

    private bool PrintMembers(StringBuilder text)
    {
        text.Append($"AccountId = {AccountId}, ApiToken = (hidden), BaseUrl = {BaseUrl}, RequestsPerFiveMinutes = {RequestsPerFiveMinutes}, Timeout = {Timeout}, MaxRetries = {MaxRetries}, Deadline = {Deadline}");
        return true;
    }
}
