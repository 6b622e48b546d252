namespace GatewayOps.ControlPlane.Upstreams;

/// <summary>
/// How one provider is reached, through Cloudflare AI Gateway or directly. A provider is one row of <see cref="UpstreamProviders"/>, or of the settings (<see cref="ProviderTable"/>).
/// </summary>
/// <param name="Slug">Path segment of the gateway, and what `/compat` has before a model. Source: Cloudflare contract, section 11.</param>
public sealed record UpstreamProvider(string Slug)
{
    public const string Authorization = "authorization";

    /// <summary>Below <see cref="BaseUrl"/>, by what is asked for (<see cref="Operations"/>). What is not here the provider does not have.</summary>
    public required IReadOnlyDictionary<string, string> Paths { get; init; }

    /// <summary>What stands between slug and path in the gateway's URL: the gateway removes less of some providers' own URLs than their base URLs have.</summary>
    public string GatewayPrefix { get; init; } = "";

    /// <summary>Chat goes through the gateway's `/compat` surface, which translates or routes it.</summary>
    public bool IsTranslated { get; init; }

    /// <summary>Whether a stream reports its usage only when `stream_options.include_usage` asks for it; the others report it unasked and some refuse the field.</summary>
    public bool AskForStreamUsage { get; init; } = true;

    /// <summary>What the provider's own guide gives to OpenAI's clients; null where it differs by account.</summary>
    public Uri? BaseUrl { get; init; }

    /// <summary>Header of the key; `authorization` carries it as Bearer.</summary>
    public string KeyHeader { get; init; } = Authorization;

    /// <summary>The same for <see cref="Operations.Messages"/>, which is Anthropic's dialect.</summary>
    public string MessagesKeyHeader { get; init; } = Authorization;

    /// <summary>Environment variable of the key; null where there is no well-known one.</summary>
    public string? KeyVariable { get; init; }

    /// <summary>Runs on one's own machines: no gateway reaches it, it needs no key, and it is asked only where the settings have a row for it.</summary>
    public bool IsLocal { get; init; }

    /// <summary>May lead to private addresses, in plain http too.</summary>
    public bool AllowPrivate { get; init; }

    /// <summary>Asked at <see cref="BaseUrl"/> with our key, without the gateway.</summary>
    public bool IsDirect { get; init; }

    /// <summary>The setting that is missing before it can be asked, and the fix; null where nothing is.</summary>
    public string? Lacks { get; init; }

    /// <summary>Whether this provider can be asked for one of <see cref="Operations"/>.</summary>
    public bool Has(string operation) => Paths.ContainsKey(operation);

    /// <summary>Path below `/v1/{account}/{gateway}` of one of <see cref="Operations"/>; null where the provider has none.</summary>
    public string? GatewayPathOf(string operation) =>
        IsLocal ? null : IsTranslated && operation == Operations.Chat ? "/compat/chat/completions" : Paths.TryGetValue(operation, out var path) ? $"/{Slug}{GatewayPrefix}{path}" : null;

    /// <summary>The model as this provider's surface wants it: `/compat` takes `{slug}/{model}`.</summary>
    public string WireModel(string model, string operation) => IsTranslated && !IsDirect && operation == Operations.Chat ? $"{Slug}/{model}" : model;
}
