using System.Text;
using GatewayOps.Client.Settings;

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

    /// <summary>Reads the well-known names, with the order of <see cref="GatewayClientOptions.FromEnvironment"/>. Throws <see cref="GatewayConfigurationException"/>.</summary>
    /// <param name="sources">Where from; null is this process's environment and folder.</param>
    public static WorkersAiOptions FromEnvironment(GatewaySources? sources = null)
    {
        var layers = new SettingLayers(sources ?? new GatewaySources());
        var bare = new WorkersAiOptions();
        var options = bare with
        {
            AccountId = layers.FindOrFile(SettingLayers.AccountFile, nameof(AccountId), SettingReader.AccountVariable) ?? "",
            ApiToken = layers.FindOrFile(SettingLayers.KeyFile, nameof(ApiToken), TokenVariables) ?? "",
            Model = layers.Find(SettingReader.ModelVariable) ?? bare.Model,
            BaseUrl = layers.FindUrl(nameof(BaseUrl), BaseUrlVariable) ?? bare.BaseUrl,
        };
        options.Demand(layers);
        return options;
    }

    internal const string BaseUrlVariable = "CLOUDFLARE_BASE_URL";

    internal static readonly string[] TokenVariables = ["CLOUDFLARE_API_TOKEN", "CLOUDFLARE_AUTH_TOKEN", "CLOUDFLARE_GATEWAY_TOKEN"];

    internal void Demand(SettingLayers? layers = null)
    {
        (string? problem, string field, string? variable) =
            !OptionsCheck.IsId(AccountId, 64) ? ($"AccountId is {(AccountId.Length == 0 ? "missing" : "1 to 64 letters, digits, - or _")}: set {SettingReader.AccountVariable}{OptionsCheck.File(layers, SettingLayers.AccountFile)}", nameof(AccountId), SettingReader.AccountVariable)
            : ApiToken.Length == 0 ? ($"ApiToken is missing: set {TokenVariables[0]}{OptionsCheck.File(layers, SettingLayers.KeyFile)}", nameof(ApiToken), TokenVariables[0])
            : ApiToken.Any(c => c is <= ' ' or > '~') ? ($"ApiToken holds a character that a header cannot carry: correct {TokenVariables[0]}", nameof(ApiToken), TokenVariables[0])
            : Model.Length is 0 or > 256 || Model.Any(c => char.IsControl(c) || c is '?' or '#' or '%' or '\\' or ' ') || Model.Split('/').Any(part => part is "" or "." or "..") ? ($"Model is no name of a model: correct {SettingReader.ModelVariable}", nameof(Model), SettingReader.ModelVariable)
            : !OptionsCheck.IsPlain(BaseUrl) ? ($"BaseUrl is no plain http(s) address: correct {BaseUrlVariable}", nameof(BaseUrl), BaseUrlVariable)
            : !OptionsCheck.IsTime(Timeout) ? ("Timeout is positive or infinite", nameof(Timeout), null)
            : MaxRetries is < 0 or > 10 ? ("MaxRetries is 0 to 10", nameof(MaxRetries), null)
            : ((string?)null, "", (string?)null);
        if (problem is not null) throw new GatewayConfigurationException($"Configuration error: {problem}", field, variable);
    }

    private bool PrintMembers(StringBuilder text)
    {
        text.Append($"AccountId = {AccountId}, ApiToken = (hidden), Model = {Model}, BaseUrl = {BaseUrl}, Input = {Input}, Timeout = {Timeout}, MaxRetries = {MaxRetries}");
        return true;
    }
}
