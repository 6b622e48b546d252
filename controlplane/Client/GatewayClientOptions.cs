using System.Text;
using GatewayOps.Client.Settings;
using GatewayOps.Client.Wire;
using GatewayOps.Rules;

namespace GatewayOps.Client;

/// <summary>
/// Which gateway, which model, and how patient. There is no place for a provider's key: those are stored in the gateway (BYOK), and the token of the gateway is all that a program
/// holds. Source: checklist S0-02 to S0-09 and S3-01 to S3-07.
/// </summary>
public sealed record GatewayClientOptions
{
    /// <summary>The gateway that is meant where none is named.</summary>
    public const string DefaultGatewayId = "openai-compat";

    /// <summary>The model that is meant where none is named and the provider is `cloudflare`. For other providers it is the first general one of each.</summary>
    public const string DefaultModel = "@cf/meta/llama-2-7b-chat-int8";

    /// <summary>The account's id, 1 to 64 letters, digits, `-` or `_`. Variable: CLOUDFLARE_ACCOUNT_ID. Not needed with <see cref="Endpoint"/> or a provider on one's own machine.</summary>
    public string AccountId { get; init; } = "";

    /// <summary>The gateway's id, 1 to 64 of a-z 0-9 - _. Variable: CLOUDFLARE_GATEWAY_ID. Default `openai-compat`.</summary>
    public string GatewayId { get; init; } = DefaultGatewayId;

    /// <summary>
    /// The token of the gateway (permission AI Gateway Run), or of the proxy: sent as `Authorization: Bearer`, and consumed there. Variables, the first that is set:
    /// CLOUDFLARE_GATEWAY_TOKEN, CLOUDFLARE_AUTH_TOKEN, CLOUDFLARE_API_TOKEN. Never part of ToString, an exception, an activity or a log. What is recognisably a provider's key is refused.
    /// </summary>
    public string GatewayToken { get; init; } = "";

    /// <summary>
    /// A provider of the gateway by slug or alias (`cloudflare`, `openai`, `anthropic`, `google-ai-studio`, `openrouter`, `groq`, `mistral`, `cohere`, `xai`, `deepseek`, `perplexity`, …,
    /// `custom-…`), `dynamic` for the gateway's own routes, or `lmstudio` and `ollama` on this machine. Variable: LLM_PROVIDER. Default `cloudflare`, which is Workers AI.
    /// </summary>
    public string Provider { get; init; } = "cloudflare";

    /// <summary>The model as its provider calls it, as `gpt-4o-mini`; null is the provider's default. Variable: CLOUDFLARE_MODEL. <see cref="Microsoft.Extensions.AI.ChatOptions.ModelId"/> wins for one call.</summary>
    public string? Model { get; init; }

    /// <summary>The model of embeddings, as its provider calls it; null is <see cref="Model"/>.</summary>
    public string? EmbeddingModel { get; init; }

    /// <summary>Where the gateways are: Cloudflare, the proxy, or the emulator. Variable: CLOUDFLARE_GATEWAY_BASE_URL. Default https://gateway.ai.cloudflare.com.</summary>
    public Uri BaseUrl { get; init; } = new("https://gateway.ai.cloudflare.com");

    /// <summary>
    /// A whole OpenAI-shaped base address in place of <see cref="BaseUrl"/>, account and gateway, as `http://127.0.0.1:8787/v1` of the proxy; models are then sent as they are written.
    /// Null, the default, makes `{BaseUrl}/v1/{AccountId}/{GatewayId}/compat`. Variables for machines of one's own: LMSTUDIO_BASE_URL, OLLAMA_BASE_URL.
    /// </summary>
    public Uri? Endpoint { get; init; }

    /// <summary>0 to 2; null leaves it to the model. A call's own options win.</summary>
    public float? Temperature { get; init; }

    /// <summary>Tokens of an answer, 1 or more; null leaves it to the model. A call's own options win.</summary>
    public int? MaxOutputTokens { get; init; }

    /// <summary>
    /// Time for one attempt: of a whole answer until its end, of a stream until its first event and then between two. Default 100 s, because a cold model takes about ten; infinite is allowed.
    /// </summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(100);

    /// <summary>
    /// Attempts after the first one, 0 to 10, of a call that was answered 429. Default 3. Other failures are not repeated here: the gateway does that where it helps, and attempts would multiply.
    /// </summary>
    public int MaxRetries { get; init; } = 3;

    /// <summary>The wait before the first retry, doubled for each further one, where the answer has no Retry-After. Default 1 s.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How much longer a wait may be, as a share of it and by chance, so that callers do not come back together: 0 to 1, default 0.2. A Retry-After is kept to the letter.</summary>
    public double RetryJitter { get; init; } = 0.2;

    /// <summary>A Retry-After beyond this is not waited for: the call fails and says how long it would be. Default 60 s.</summary>
    public TimeSpan MaxRetryDelay { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Bytes of a whole answer, of an error too, which are kept in memory until it is read: 1024 to 1073741824, default 64 MiB. A stream has no end that would be bounded; each of its events is.</summary>
    public int MaxAnswerBytes { get; init; } = 64 << 20;

    /// <summary>How often the model is asked for one answer while it calls functions, 1 to 100. Default 10. At the limit the answer ends with <see cref="GatewayFinishReason.MaxTurns"/>.</summary>
    public int MaxTurns { get; init; } = 10;

    /// <summary>Functions of one turn that run at once, 1 or more. Default 16.</summary>
    public int MaxParallelFunctions { get; init; } = 16;

    /// <summary>Background tasks that run at once, 1 or more; a further one is refused and the model is told. Default 64.</summary>
    public int MaxBackgroundTasks { get; init; } = 64;

    /// <summary>How long <see cref="GatewayChatClient.DisposeAsync"/> waits for background tasks before it cancels them. Default 30 s.</summary>
    public TimeSpan BackgroundShutdown { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Reads the well-known names. Of each setting the first that is there counts: argument, environment, .env file. Account and token are looked for in HashiCorp Vault before the environment
    /// where GATEWAYOPS_VAULT_PATH names a secret there (asked once, for 5 s at most), and last in key files (`keys/cloudflare-key/key.env` and `account_id.env`, whole content). An empty value
    /// counts as not set. Throws <see cref="GatewayConfigurationException"/>, which names field and variable; the gateway is asked nothing.
    /// </summary>
    /// <param name="arguments">What the program says itself; null is nothing.</param>
    /// <param name="sources">Where from; null is this process's environment and folder.</param>
    public static GatewayClientOptions FromEnvironment(GatewayArguments? arguments = null, GatewaySources? sources = null) =>
        SettingReader.Read(arguments ?? new GatewayArguments(), sources ?? new GatewaySources());

    /// <summary>The address below which requests go, with a slash at its end. Throws <see cref="GatewayConfigurationException"/> when the options are not valid.</summary>
    public Uri ResolveEndpoint()
    {
        OptionsCheck.Demand(this);
        return Address.Of(this);
    }

    internal RetryRule Retries => new(MaxRetries, RetryDelay, RetryJitter, MaxRetryDelay);

    internal string Slug => Provider == Address.Dynamic ? Provider : ProviderCatalogue.SlugOf(Provider) ?? Provider;

    private bool PrintMembers(StringBuilder text)
    {
        text.Append($"AccountId = {AccountId}, GatewayId = {GatewayId}, GatewayToken = (hidden), Provider = {Provider}, Model = {Model}, BaseUrl = {BaseUrl}, Endpoint = {Endpoint}, Timeout = {Timeout}, MaxRetries = {MaxRetries}");
        return true;
    }
}
