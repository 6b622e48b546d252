using System.Text.RegularExpressions;
using GatewayOps.ControlPlane.Proxy.Dialects;
using GatewayOps.ControlPlane.Upstreams;
using GatewayOps.Rules;

namespace GatewayOps.ControlPlane.Proxy.CloudflareShape;

/// <summary>
/// What an address in Cloudflare's shape asks for: `/v1/{account}/{gateway}/{provider}/...`, `/v1/{account}/{gateway}/compat/...` and `/client/v4/accounts/{account}/ai/run/{model}`, of the
/// account of the settings. Source: Cloudflare contract, sections 11 and 16.
/// </summary>
public sealed partial record CloudflareAddress
{
    public const string GatewayHeader = "cf-aig-gateway-id";

    private const string Compat = "compat";
    private const string WorkersAi = "workers-ai";

    public required string Gateway { get; init; }

    /// <summary>The provider that the address names; null where the model does (`compat`).</summary>
    public UpstreamProvider? Provider { get; init; }

    /// <summary>That of what is posted here; null where none of ours reads it.</summary>
    public Dialect? Dialect { get; init; }

    /// <summary>The model that the address names (`/ai/run`); null where the body does.</summary>
    public string? Model { get; init; }

    /// <summary>What remains behind the provider, decoded as the server decodes it, with its slash.</summary>
    public string Path { get; init; } = "";

    public CallerDirectives Directives { get; init; } = CallerDirectives.None;

    /// <summary>Why nothing is served here, to be told to callers that were let in.</summary>
    public OpenAiError? Fault { get; init; }

    /// <summary>Lists the models of a provider.</summary>
    public bool IsModelList => Path is "/models" or "/v1/models";

    /// <summary>Null for a path that is in another shape, or of another account.</summary>
    /// <param name="request">Its path and headers.</param>
    /// <param name="account">The account and the gateway of callers that name none.</param>
    /// <param name="providers">Whose paths are known.</param>
    public static CloudflareAddress? Of(HttpRequest request, CloudflareAccountOptions account, ProviderTable providers)
    {
        var path = request.Path.Value!;
        if (After(path, "/v1/", account.AccountId) is { } gatewayAndProvider)
        {
            return OfGateway(gatewayAndProvider, request, providers);
        }

        if (After(path, "/client/v4/accounts/", account.AccountId) is not { } operation || !operation.StartsWith("/ai/run/", StringComparison.Ordinal))
        {
            return null;
        }

        var named = request.Headers[GatewayHeader].ToString();
        var address = new CloudflareAddress { Gateway = named.Length > 0 ? named : account.GatewayId, Directives = CallerDirectives.Of(request.Headers) };
        // Clients send `@cf/...` as it is, or with its slashes encoded, which the server leaves so.
        return Checked(address.OfModel(providers, Uri.UnescapeDataString(operation["/ai/run/".Length..])));
    }

    /// <summary>Null where less than a provider is named, which is no address of this shape.</summary>
    private static CloudflareAddress? OfGateway(string rest, HttpRequest request, ProviderTable providers)
    {
        if (rest.Split('/', 4) is not ["", { Length: > 0 } gateway, { Length: > 0 } segment, .. var behind])
        {
            return null;
        }

        var address = new CloudflareAddress
        {
            Gateway = gateway,
            Path = behind is [var path] ? '/' + path : "",
            Directives = CallerDirectives.Of(request.Headers),
        };
        if (segment == Compat)
        {
            return Checked(address with { Dialect = Dialect.All.FirstOrDefault(dialect => IsAt(address.Path, "/v1", dialect.Operation)) });
        }

        if (ProviderCatalogue.SlugOf(segment) is not { } slug)
        {
            var hint = ProviderCatalogue.Suggest(segment) is { } near ? $" Did you mean `{near}`?" : "";
            return address with { Fault = OpenAiError.Invalid("unknown_provider", $"The address names a provider that this proxy does not know, behind the gateway.{hint}") };
        }

        var provider = providers.Find(slug) ?? (slug.StartsWith(ProviderCatalogue.CustomPrefix, StringComparison.Ordinal) ? UpstreamProviders.Custom(slug) : UpstreamProviders.Native(slug));
        if (slug == WorkersAi && WorkersAiModelOf(address.Path) is { } model)
        {
            return Checked(address.OfModel(providers, model));
        }

        return Checked(address with
        {
            Provider = provider,
            Dialect = Dialect.All.FirstOrDefault(dialect => provider.Paths.TryGetValue(dialect.Operation, out var own) && IsAt(address.Path, provider.GatewayPrefix, own)),
        });
    }

    /// <summary>Where the gateway has what is asked for, where the address says that and not the operation alone.</summary>
    public string? PathOf(UpstreamTarget target, QueryString query) => Model is null ? null : new PathString('/' + target.Model).ToUriComponent() + query.ToUriComponent();

    private CloudflareAddress OfModel(ProviderTable providers, string model) => this with { Provider = providers.Find(WorkersAi), Dialect = Dialect.WorkersAi, Model = model, Path = '/' + model };

    private static CloudflareAddress Checked(CloudflareAddress address) =>
        !GatewayId().IsMatch(address.Gateway) ? address with
        {
            Fault = new OpenAiError(StatusCodes.Status404NotFound, "not_found", "gateway_not_found", "The address names no gateway: its id is 1 to 64 of a-z 0-9 _ -. `gatewayops gateway list` has those of the account."),
        }
        : !IsPlain(address.Path) ? address with { Fault = OpenAiError.Invalid("invalid_path", "The path leads out of itself (`..`), or holds a backslash or a control character.") }
        : address;

    // A provider's paths stand behind its slug with the prefix that the gateway removes from its URLs, with `/v1`, or bare. Source: Cloudflare contract, section 11.
    private static bool IsAt(string path, string prefix, string own)
    {
        var asked = path.AsSpan().TrimEnd('/');
        return asked.SequenceEqual(own)
            || (prefix.Length > 0 && asked.StartsWith(prefix, StringComparison.Ordinal) && asked[prefix.Length..].SequenceEqual(own))
            || (asked.StartsWith("/v1", StringComparison.Ordinal) && asked["/v1".Length..].SequenceEqual(own));
    }

    private static string? WorkersAiModelOf(string path)
    {
        var model = Uri.UnescapeDataString(path.StartsWith("/run/", StringComparison.Ordinal) ? path["/run/".Length..] : path.TrimStart('/'));
        return model.StartsWith('@') ? model : null;
    }

    private static string? After(string path, string start, string account) =>
        path.StartsWith(start, StringComparison.Ordinal) && path.AsSpan(start.Length).StartsWith(account, StringComparison.Ordinal)
        && path.Length > start.Length + account.Length && path[start.Length + account.Length] == '/'
            ? path[(start.Length + account.Length)..]
            : null;

    // The server has taken dots out once; an encoded slash or dot that is left would be decoded by whoever comes next.
    private static bool IsPlain(string path)
    {
        var decoded = Uri.UnescapeDataString(path);
        return !decoded.Contains('\\', StringComparison.Ordinal) && !decoded.Any(char.IsControl) && !decoded.Split('/').Any(segment => segment is "." or "..");
    }

    [GeneratedRegex(@"^[a-z0-9][a-z0-9_-]{0,63}\z")]
    private static partial Regex GatewayId();
}
