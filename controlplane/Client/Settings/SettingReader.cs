namespace GatewayOps.Client.Settings;

/// <summary>Source: checklist S0-02 to S0-06, S0-09, S0-12, S1-12, S3-07, S4-01.</summary>
internal static class SettingReader
{
    public const string AccountVariable = "CLOUDFLARE_ACCOUNT_ID", GatewayVariable = "CLOUDFLARE_GATEWAY_ID", ModelVariable = "CLOUDFLARE_MODEL", ProviderVariable = "LLM_PROVIDER",
        BaseUrlVariable = "CLOUDFLARE_GATEWAY_BASE_URL", LmStudioVariable = "LMSTUDIO_BASE_URL", OllamaVariable = "OLLAMA_BASE_URL";

    /// <summary>The gateway's own token first; the others are names that the older systems gave to a token that may run a gateway as well.</summary>
    public static readonly string[] TokenVariables = ["CLOUDFLARE_GATEWAY_TOKEN", "CLOUDFLARE_AUTH_TOKEN", "CLOUDFLARE_API_TOKEN"];

    public static GatewayClientOptions Read(GatewayArguments arguments, GatewaySources sources)
    {
        var layers = new SettingLayers(sources);
        var bare = new GatewayClientOptions();
        var provider = Given(arguments.Provider) ?? layers.Find(ProviderVariable) ?? bare.Provider;
        // A machine of one's own is told no credential of Cloudflare's.
        var local = Address.IsLocal(provider);
        var options = new GatewayClientOptions
        {
            Provider = provider,
            AccountId = Given(arguments.AccountId) ?? (local ? null : layers.FindCredential(SettingLayers.AccountFile, nameof(bare.AccountId), AccountVariable)) ?? "",
            GatewayId = Given(arguments.GatewayId) ?? layers.Find(GatewayVariable) ?? bare.GatewayId,
            GatewayToken = Given(arguments.GatewayToken) ?? (local ? null : layers.FindCredential(SettingLayers.KeyFile, nameof(bare.GatewayToken), TokenVariables)) ?? "",
            Model = Given(arguments.Model) ?? layers.Find(ModelVariable),
            BaseUrl = arguments.BaseUrl ?? layers.FindUrl(nameof(bare.BaseUrl), BaseUrlVariable) ?? bare.BaseUrl,
            Endpoint = provider switch
            {
                "lmstudio" => layers.FindUrl(nameof(bare.Endpoint), LmStudioVariable),
                "ollama" => layers.FindUrl(nameof(bare.Endpoint), OllamaVariable),
                _ => null,
            },
        };
        OptionsCheck.Demand(options, layers);
        return options;
    }

    private static string? Given(string? argument) => string.IsNullOrWhiteSpace(argument) ? null : argument;
}
