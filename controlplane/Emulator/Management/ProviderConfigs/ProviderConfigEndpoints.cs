using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using GatewayOps.Emulator.Management.SecretsStore;
using GatewayOps.Emulator.State;
using static GatewayOps.Emulator.Management.Shapes;

namespace GatewayOps.Emulator.Management.ProviderConfigs;

/// <summary>Stored keys of a gateway (contract section 4.1). There is no update: the secret's value is replaced in the Secrets Store.</summary>
public static class ProviderConfigEndpoints
{
    private const double DefaultPeriod = 60;
    private static readonly Regex Slug = new("^[a-z0-9]+(?:-[a-z0-9]+)*$", RegexOptions.NonBacktracking);

    /// <summary>The body of a create.</summary>
    public static Shape Body { get; } = ObjectOf(
        new Member("provider_slug", Text(1, 64, Slug), Required: true),
        new Member("alias", Text(1, 64), Required: true),
        new Member("default_config", Flag, Required: true),
        new Member("secret", Text(1, SecretBody.LongestValue)),
        new Member("secret_id", Text(1)),
        new Member("rate_limit", Positive),
        new Member("rate_limit_period", Positive));

    public static void MapProviderConfigs(this IEndpointRouteBuilder account)
    {
        var configs = account.MapGroup("/ai-gateway/gateways/{gatewayId}/provider_configs").Requires(Permission.AiGatewayRead, Permission.AiGatewayWrite).WithTags("Provider configs");
        configs.MapGet("", List).WithSummary("Stored keys of a gateway").Asks(AskedParameter.Pages(1, 100));
        configs.MapPost("", Create).Requires(Permission.SecretsStoreWrite).WithSummary("Store a key for a provider and an alias").Takes(Body);
        configs.MapDelete("/{id}", Delete).WithSummary("Delete a stored key's configuration");
    }

    private static IResult List(HttpContext context, string gatewayId, EmulatorOptions options)
    {
        var errors = new List<ApiError>();
        var page = PageRequest.Read(context, 1, 100, errors);
        if (errors.Count > 0)
            return Envelope.Invalid(errors);
        // Not 404: the real service lists nothing for a gateway that does not exist.
        return page.Answer(context.Account().FindGateway(gatewayId)?.ProviderConfigs ?? [], config => Json(gatewayId, config, options));
    }

    private static async Task<IResult> Create(HttpContext context, string gatewayId, EmulatorClock clock, EmulatorOptions options, CancellationToken cancellationToken)
    {
        var account = context.Account();
        if (account.FindGateway(gatewayId) is not { } gateway)
            return Envelope.NotFound();
        if (await JsonText.ReadAsync(context.Request, cancellationToken) is not { ValueKind: JsonValueKind.Object } body)
            return Envelope.Invalid(ApiError.Invalid(FieldPath.Body, "Input Validation Error"));
        var errors = new List<ApiError>();
        Body.Check(body, FieldPath.Body, errors);
        if (!body.TryGetProperty("secret", out var value) & !body.TryGetProperty("secret_id", out var secretId))
            errors.Add(ApiError.Invalid(FieldPath.Body["secret_id"], "Required"));
        if (errors.Count > 0)
            return Envelope.Invalid(errors);

        var (slug, alias) = (body.GetProperty("provider_slug").GetString()!, body.GetProperty("alias").GetString()!);
        if (account.FindStore(gateway.Settings.StoreId) is not { } store)
            return Envelope.Invalid(ApiError.Invalid(FieldPath.Body, "The gateway has no store_id: set it before provider configs"));
        if (gateway.FindProviderConfig(slug, alias) is not null)
            return AlreadyExists(slug, alias);
        var name = ProviderConfigState.SecretName(gatewayId, slug, alias);
        var given = secretId.ValueKind == JsonValueKind.String;
        var (outcome, secret) = given
            ? (Added.Yes, Usable(store.Find(secretId.GetString()!), name, clock.GetUtcNow()))
            : Stored(store, new NewSecret(name, value.GetString()!, ["ai_gateway"], Comment: null));
        if (secret is null)
        {
            return outcome switch
            {
                Added.AlreadyExists => Refuse("secret", $"Secret '{name}' already exists"),
                Added.LimitReached => Refuse("secret", $"Maximum number of secrets ({options.MaxSecrets}) reached"),
                _ => Refuse("secret_id", $"Secret '{name}' with scope ai_gateway was not found"),
            };
        }
        var config = new ProviderConfigState(
            Identifier.NewUuid(), slug, alias, body.GetProperty("default_config").GetBoolean(), secret.Id, Number(body, "rate_limit"), Number(body, "rate_limit_period"), clock.GetUtcNow());
        if (gateway.AddProviderConfig(config))
            return Envelope.Result(Json(gatewayId, config, options));
        // Another client was faster: the secret that was made for this configuration goes with it.
        if (!given)
            store.Remove(secret.Id);
        return AlreadyExists(slug, alias);
    }

    private static IResult Delete(HttpContext context, string gatewayId, string id, EmulatorOptions options) =>
        context.Account().FindGateway(gatewayId)?.RemoveProviderConfig(id) is { } config ? Envelope.Result(Json(gatewayId, config, options)) : Envelope.NotFound();

    private static (Added Outcome, SecretState? Secret) Stored(SecretStoreState store, NewSecret secret)
    {
        var (outcome, secrets) = store.Add([secret]);
        return (outcome, secrets.SingleOrDefault());
    }

    private static IResult Refuse(string member, string message) => Envelope.Invalid(ApiError.Invalid(FieldPath.Body[member], message));

    // A secret that is still pending is not there yet: the client is expected to try again.
    private static SecretState? Usable(SecretState? secret, string name, DateTimeOffset now) =>
        secret is not null && secret.Name == name && secret.Scopes.Contains("ai_gateway") && secret.StatusAt(now) == SecretStatus.Active ? secret : null;

    private static IResult AlreadyExists(string slug, string alias) =>
        Envelope.Invalid(ApiError.Invalid(FieldPath.Body["alias"], $"Provider config '{alias}' of provider '{slug}' already exists"));

    private static double? Number(JsonElement body, string name) => body.TryGetProperty(name, out var value) ? value.GetDouble() : null;

    private static JsonObject Json(string gatewayId, ProviderConfigState config, EmulatorOptions options)
    {
        var json = new JsonObject
        {
            ["id"] = config.Id,
            ["gateway_id"] = gatewayId,
            ["provider_slug"] = config.ProviderSlug,
            ["alias"] = config.Alias,
            ["default_config"] = options.Assumptions.DefaultConfigIsNumber ? config.DefaultConfig ? 1 : 0 : config.DefaultConfig,
            ["secret_id"] = config.SecretId,
            ["secret_preview"] = "****",
            ["modified_at"] = JsonText.Time(config.ModifiedAt),
        };
        if (config.RateLimit is { } limit)
        {
            json["rate_limit"] = limit;
            json["rate_limit_period"] = config.RateLimitPeriod ?? DefaultPeriod;
        }
        return json;
    }
}
