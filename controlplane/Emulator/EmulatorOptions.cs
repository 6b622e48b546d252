namespace GatewayOps.Emulator;

/// <summary>What one emulated Cloudflare offers. The defaults are those of `gatewayops emulator` and of the tests: nothing is delayed.</summary>
public sealed record EmulatorOptions
{
    public const int DefaultPort = 8788;

    /// <summary>Address to listen on; port 0 takes a free one.</summary>
    public string Url { get; init; } = $"http://127.0.0.1:{DefaultPort}";

    public string AccountId { get; init; } = "dev-account";

    /// <summary>The API token: every management permission, and AI Gateway Run.</summary>
    public string ApiToken { get; init; } = "dev-token";

    /// <summary>Legacy credentials (`X-Auth-Email`, `X-Auth-Key`; the key is 37 hexadecimal digits).</summary>
    public string ApiEmail { get; init; } = "dev@example.com";

    public string ApiKey { get; init; } = "0123456789abcdef0123456789abcdef01234";

    /// <summary>The user of the legacy credentials and of user-owned tokens: 32 hexadecimal digits.</summary>
    public string UserId { get; init; } = "7f3c2a9b51d84e06a2c4d8e1f0b96a35";

    /// <summary>Tokens that the data plane accepts in `cf-aig-authorization`; <see cref="ApiToken"/> when empty. Tokens of the token API with AI Gateway Run are good beside them.</summary>
    public IReadOnlyList<string> GatewayTokens { get; init; } = [];

    /// <summary>Provider slug to the base URL of a real upstream. A provider without an entry is simulated.</summary>
    public IReadOnlyDictionary<string, Uri> Upstreams { get; init; } = new Dictionary<string, Uri>();

    /// <summary>Provider slug to the keys that the simulated provider accepts. A provider without an entry accepts any key that is not empty.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> UpstreamKeys { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>Real time between two attempts at a provider, at most: a stand-in keeps nobody waiting for a minute.</summary>
    public TimeSpan LongestRetryDelay { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Makes the percentage splits of dynamic routes take the same ways in every run; null for chance.</summary>
    public int? RouteSeed { get; init; }

    /// <summary>Provider slug to the models that the simulated provider has. A provider without an entry has every model but those named `unknown-…`.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> UpstreamModels { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>Model to the tokens that a prompt for it may have, where that is not the published figure.</summary>
    public IReadOnlyDictionary<string, int> ContextWindows { get; init; } = new Dictionary<string, int>();

    /// <summary>How long after its request a log row appears (30–60 s on the real service, contract section 3).</summary>
    public TimeSpan LogVisibilityDelay { get; init; }

    /// <summary>How long a new secret stays `pending` (contract section 4.1).</summary>
    public TimeSpan SecretActivationDelay { get; init; }

    /// <summary>How long after its request a row is counted by analytics (14 minutes and more on the real service, contract section 15).</summary>
    public TimeSpan AnalyticsDelay { get; init; }

    /// <summary>From the commit of a policy until it is enforced (up to 15 minutes on the real service, contract section 7).</summary>
    public TimeSpan PolicyDelay { get; init; }

    /// <summary>For how long after its making a token is refused now and then (about a minute on the real service, contract section 1.4).</summary>
    public TimeSpan TokenPropagation { get; init; }

    /// <summary>How long an evaluation stays unprocessed. Its logs are those of its creation.</summary>
    public TimeSpan EvaluationDelay { get; init; }

    /// <summary>How long a purchase of credits stays `pending`.</summary>
    public TimeSpan PaymentDelay { get; init; }

    /// <summary>Requests in five minutes and caller before everything is answered 429 for five minutes (contract section 1.4).</summary>
    public int RequestsPerFiveMinutes { get; init; } = 1200;

    /// <summary>The same for GraphQL, which is counted by itself.</summary>
    public int GraphQlRequestsPerFiveMinutes { get; init; } = 320;

    /// <summary>Management requests in a second from one address (200 on the real service, contract section 1.4); null = no limit.</summary>
    public int? RequestsPerSecondPerAddress { get; init; }

    /// <summary>User-owned tokens (contract section 10).</summary>
    public int MaxUserTokens { get; init; } = 50;

    /// <summary>Account-owned tokens in one account (contract section 10).</summary>
    public int MaxAccountTokens { get; init; } = 500;

    /// <summary>Gateways in one account: 20 on paid plans (contract section 2.2).</summary>
    public int MaxGateways { get; init; } = 20;

    /// <summary>Secrets in one account (contract section 9).</summary>
    public int MaxSecrets { get; init; } = 100;

    /// <summary>
    /// Log rows kept for all gateways together, whatever their `log_management` says (at most half a kilobyte each): beyond them the gateway with the most
    /// rows loses its oldest.
    /// </summary>
    public int MaxLogRows { get; init; } = 1_000_000;

    /// <summary>Bytes of request and response bodies kept for all gateways together; beyond them the gateway with the most loses its oldest.</summary>
    public long MaxLogBodyBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>How long after its request a deletion of log rows happens; `total_count` is stale for as long again (contract section 3).</summary>
    public TimeSpan LogDeletionDelay { get; init; }

    /// <summary>Log rows that one gateway stores in a second, 500 on the real service (contract section 3); null = as many as come.</summary>
    public int? MaxLogsPerSecond { get; init; }

    /// <summary>Neurons of Workers AI in a day (UTC) before 3036: 10 000 on the free plan (contract section 16); null = no limit, as on the paid one.</summary>
    public double? FreeNeuronsPerDay { get; init; }

    /// <summary>Requests per minute by task count (contract section 16).</summary>
    public bool WorkersAiRateLimits { get; init; }

    /// <summary>How long a batch takes: queued for the first half, running for the second; 0 = the first poll has the answers.</summary>
    public TimeSpan BatchDelay { get; init; }

    /// <summary>Management requests that the admin API remembers.</summary>
    public int MaxRecordedRequests { get; init; } = 1000;

    /// <summary>
    /// Keep gateway members that the contract does not name, as a newer Cloudflare would. A PUT without them drops them, so
    /// a client that does not read before it writes is caught.
    /// </summary>
    public bool KeepUnknownFields { get; init; } = true;

    /// <summary>The choices that the contract leaves open.</summary>
    public Assumptions Assumptions { get; init; } = new();

    /// <summary>Where Logpush delivers: http(s) addresses or full paths of folders, at most four (contract section 14).</summary>
    public IReadOnlyList<string> Logpush { get; init; } = [];

    /// <summary>Real time between two deliveries of Logpush.</summary>
    public TimeSpan LogpushInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Real time before an export is tried again; it doubles once.</summary>
    public TimeSpan ExportRetryDelay { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Credits for Unified Billing at the start, in USD.</summary>
    public decimal Credits { get; init; } = 100;

    /// <summary>The file that the state is loaded from at the start, when it is there, and saved to at a clean stop; null = the state is gone at the end.</summary>
    public string? StateFile { get; init; }

    /// <summary>Snapshots hold the values of secrets, and may be loaded with them.</summary>
    public bool StateSecrets { get; init; }

    /// <summary>Newest log rows of each gateway that a snapshot holds.</summary>
    public int StateLogRows { get; init; }

    /// <summary>Start with a gateway `openai-compat`.</summary>
    public bool SeedGateway { get; init; }
}
