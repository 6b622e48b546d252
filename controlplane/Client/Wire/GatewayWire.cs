using System.ClientModel;
using System.ClientModel.Primitives;

namespace GatewayOps.Client.Wire;

/// <summary>How the OpenAI SDK is set up for a gateway: one attempt, no clock, no redirect, the bytes as they come. Retries, limits and errors are ours, by <see cref="TimeProvider"/>.</summary>
internal static class GatewayWire
{
    public static OpenAI.OpenAIClientOptions Options(Uri endpoint, HttpClient http, string token)
    {
        var options = new OpenAI.OpenAIClientOptions
        {
            Endpoint = endpoint,
            Transport = new HttpClientPipelineTransport(http),
            RetryPolicy = new ClientRetryPolicy(maxRetries: 0),
            NetworkTimeout = Timeout.InfiniteTimeSpan,
            UserAgentApplicationId = "GatewayOps.Client",
        };
        if (token.Length == 0) options.AddPolicy(new Anonymous(), PipelinePosition.BeforeTransport);
        return options;
    }

    /// <summary>The SDK insists on a key; <see cref="Anonymous"/> takes the stand-in off again.</summary>
    public static ApiKeyCredential Credential(string token) => new(token.Length == 0 ? "none" : token);

    public static HttpClient NewHttp() => new(new SocketsHttpHandler
    {
        // A token goes to the address that it was meant for.
        AllowAutoRedirect = false,
        UseCookies = false,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        ConnectTimeout = TimeSpan.FromSeconds(15),
    })
    { Timeout = Timeout.InfiniteTimeSpan };

    private sealed class Anonymous : PipelinePolicy
    {
        public override void Process(PipelineMessage message, IReadOnlyList<PipelinePolicy> pipeline, int currentIndex)
        {
            message.Request.Headers.Remove("Authorization");
            ProcessNext(message, pipeline, currentIndex);
        }

        public override ValueTask ProcessAsync(PipelineMessage message, IReadOnlyList<PipelinePolicy> pipeline, int currentIndex)
        {
            message.Request.Headers.Remove("Authorization");
            return ProcessNextAsync(message, pipeline, currentIndex);
        }
    }
}

/// <summary>Headers that say who answered, and when to come back. Source: Cloudflare contract, section 12.2; product contract, section 5.</summary>
internal readonly record struct AnswerHeaders(string? RequestId, string? Provider, string? RetryAfter, bool IsCached)
{
    public static AnswerHeaders Of(PipelineResponse response) => Of(name => response.Headers.TryGetValue(name, out var value) ? value : null);

    public static AnswerHeaders Of(HttpResponseMessage answer) => Of(name => answer.Headers.TryGetValues(name, out var values) ? values.First() : null);

    private static AnswerHeaders Of(Func<string, string?> find)
    {
        string? Value(string name) => find(name) is { Length: > 0 and <= 256 } value ? value : null;
        return new(Value("x-request-id") ?? Value("cf-aig-log-id") ?? Value("cf-ray"), Value("x-gatewayops-provider") ?? Value("cf-aig-provider"), Value("retry-after"),
            IsHit(find("x-gatewayops-cache")) || IsHit(find("cf-aig-cache-status")));
    }

    private static bool IsHit(string? status) => string.Equals(status, "HIT", StringComparison.OrdinalIgnoreCase);
}
