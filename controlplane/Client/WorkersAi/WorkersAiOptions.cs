using System.Text;
using GatewayOps.Client.Settings;
using GatewayOps.Client.Wire;

namespace GatewayOps.Client.WorkersAi;

/// <summary>How a conversation reaches a model of Workers AI.</summary>
public enum WorkersAiInput
{
    /// <summary>As one prompt: `SYSTEM: …`, `USER: …`, `ASSISTANT: …` and a last `ASSISTANT:`, with an empty line between. Every text model takes it; functions and pictures cannot be said so.</summary>
    Prompt,

    /// <summary>As messages, which chat models have a template of their own for.</summary>
    Messages,
}

/// <summary>The account and model of <see cref="WorkersAiClient"/>. Source: checklist S4-01, S4-08 to S4-10.</summary>
public sealed record WorkersAiOptions
{
    /// <summary>The account's id, 1 to 64 letters, digits, `-` or `_`. Variable: CLOUDFLARE_ACCOUNT_ID; key file `account_id.env`.</summary>
    public string AccountId { get; init; } = "";

    /// <summary>A token that may run Workers AI. Variables, the first that is set: CLOUDFLARE_API_TOKEN, CLOUDFLARE_AUTH_TOKEN, CLOUDFLARE_GATEWAY_TOKEN; key file `key.env`. Never part of ToString, an exception or a log.</summary>
    public string ApiToken { get; init; } = "";

    /// <summary>The model; `llama-3-70b-instruct` is sent by the name that it has, with 3.1. Variable: CLOUDFLARE_MODEL. Default `@cf/meta/llama-3.1-70b-instruct`.</summary>
    public string Model { get; init; } = "@cf/meta/llama-3.1-70b-instruct";

    /// <summary>The API: Cloudflare's, the emulator's or the proxy's, with its `/client/v4`. Variable: CLOUDFLARE_BASE_URL. Default https://api.cloudflare.com/client/v4.</summary>
    public Uri BaseUrl { get; init; } = new("https://api.cloudflare.com/client/v4");

    /// <summary>How conversations are sent. Default: as one prompt.</summary>
    public WorkersAiInput Input { get; init; } = WorkersAiInput.Prompt;

    /// <summary>As <see cref="GatewayClientOptions.Timeout"/>.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(100);

    /// <summary>As <see cref="GatewayClientOptions.MaxRetries"/>.</summary>
    public int MaxRetries { get; init; } = 3;

    /// <summary>As <see cref="GatewayClientOptions.RetryDelay"/>.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>As <see cref="GatewayClientOptions.RetryJitter"/>.</summary>
    public double RetryJitter { get; init; } = 0.2;

    /// <summary>As <see cref="GatewayClientOptions.MaxRetryDelay"/>.</summary>
    public TimeSpan MaxRetryDelay { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>As <see cref="GatewayClientOptions.MaxAnswerBytes"/>.</summary>
    public int MaxAnswerBytes { get; init; } = 64 << 20;

    /// <summary>Reads the well-known names, with the order of <see cref="GatewayClientOptions.FromEnvironment"/>. Throws <see cref="GatewayConfigurationException"/>.</summary>
    /// <param name="sources">Where from; null is this process's environment and folder.</param>
    public static WorkersAiOptions FromEnvironment(GatewaySources? sources = null)
    {
        var layers = new SettingLayers(sources ?? new GatewaySources());
        var bare = new WorkersAiOptions();
        var options = bare with
        {
            AccountId = layers.FindCredential(SettingLayers.AccountFile, nameof(AccountId), SettingReader.AccountVariable) ?? "",
            ApiToken = layers.FindCredential(SettingLayers.KeyFile, nameof(ApiToken), TokenVariables) ?? "",
            Model = layers.Find(SettingReader.ModelVariable) ?? bare.Model,
            BaseUrl = layers.FindUrl(nameof(BaseUrl), BaseUrlVariable) ?? bare.BaseUrl,
        };
        OptionsCheck.Demand(options, layers);
        return options;
    }

    internal const string BaseUrlVariable = "CLOUDFLARE_BASE_URL";

    internal static readonly string[] TokenVariables = ["CLOUDFLARE_API_TOKEN", "CLOUDFLARE_AUTH_TOKEN", "CLOUDFLARE_GATEWAY_TOKEN"];

    internal RetryRule Retries => new(MaxRetries, RetryDelay, RetryJitter, MaxRetryDelay);

    private bool PrintMembers(StringBuilder text)
    {
        text.Append($"AccountId = {AccountId}, ApiToken = (hidden), Model = {Model}, BaseUrl = {BaseUrl}, Input = {Input}, Timeout = {Timeout}, MaxRetries = {MaxRetries}");
        return true;
    }
}
