using System.Text.RegularExpressions;
using GatewayOps.ControlPlane.Proxy.Dialects;
using GatewayOps.ControlPlane.Proxy.Explaining;
using GatewayOps.ControlPlane.Telemetry;
using GatewayOps.ControlPlane.Upstreams;
using GatewayOps.ControlPlane.Usage;
using GatewayOps.Rules;
using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Proxy.CloudflareShape;

/// <summary>
/// The addresses in Cloudflare's shape. What one of our dialects reads goes the way of every request; the rest of a provider's own paths is passed on as it is
/// (<see cref="NativeCalls"/>); an address that is nearly right is answered with the right one.
/// </summary>
public sealed partial class CloudflareEndpoint(
    ProxyPipeline pipeline, NativeCalls native, ProviderAvailability availability, PriceTable prices, IOptions<CloudflareAccountOptions> account)
{
    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Post, HttpMethods.Put, HttpMethods.Patch, HttpMethods.Delete];

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapMethods("/v1/{account}/{gateway}/{provider}/{**path}", Methods, (HttpContext context, CloudflareEndpoint endpoint) => endpoint.HandleAsync(context)).WithTags("Proxy");
        // Any method: one that is left out would be told to use another, where nothing is served by any.
        endpoints.Map("/v1/{account}/{gateway}", (HttpContext context, CloudflareEndpoint endpoint) => endpoint.HandleAsync(context)).WithTags("Proxy");
        endpoints.MapPost("/client/v4/accounts/{account}/ai/run/{**model}", (HttpContext context, CloudflareEndpoint endpoint) => endpoint.RunAsync(context)).WithTags("Proxy");
    }

    public Task HandleAsync(HttpContext context) => (ProxyExchange.Of(context).Address, HttpMethods.IsPost(context.Request.Method)) switch
    {
        (null, _) when Dialect.At(context.Request.Path) is not null => RefuseMethodAsync(context, HttpMethods.Post),
        (null, _) when context.Request.Path.StartsWithSegments("/v1/models") => RefuseMethodAsync(context, HttpMethods.Get),
        (null, _) => RefuseAsync(context, Elsewhere(context.Request.Path.Value!.Split('/'))),
        ({ Model: not null }, true) => RunAsync(context),
        ({ Dialect: { } dialect }, true) => pipeline.HandleAsync(context, dialect),
        ({ Model: not null } or { Dialect: not null, Provider: null }, false) => RefuseMethodAsync(context, HttpMethods.Post),
        ({ IsModelList: true } address, _) when HttpMethods.IsGet(context.Request.Method) && (address.Provider is null || NativeCalls.Refusal(ProxyExchange.Of(context)) is not null) =>
            ModelsEndpoint.Of(availability, context, address.Provider?.Slug).ExecuteAsync(context),
        ({ Provider: null }, _) => RefuseAsync(context, NotFound(
            $"`compat` has {string.Join(", ", Dialect.All.Select(dialect => $"POST {dialect.Operation}"))} and GET /models; other paths stand behind the slug of a provider.")),
        _ => native.HandleAsync(context),
    };

    public Task RunAsync(HttpContext context) => ProxyExchange.Of(context).Address switch
    {
        null => RefuseAsync(context, NotFound($"No route for that URI: this proxy serves the account {account.Value.AccountId} alone, and of it /client/v4/accounts/{account.Value.AccountId}/ai/run/{{model}}.")),
        { Model: var model } when !ModelName().IsMatch(WorkersAiModel.Normalise(model!)) => RefuseAsync(context, UnknownModel.Of("workers-ai", WorkersAiModel.Normalise(model!), prices)),
        // Audio and images may come as they are.
        _ when context.Request.ContentType is { } type && !context.Request.HasJsonContentType() && !type.StartsWith("text/", StringComparison.OrdinalIgnoreCase) => native.HandleAsync(context),
        _ => pipeline.HandleAsync(context, Dialect.WorkersAi),
    };

    private static Task RefuseMethodAsync(HttpContext context, string allowed)
    {
        context.Response.Headers.Allow = allowed;
        return RefuseAsync(context, new OpenAiError(
            StatusCodes.Status405MethodNotAllowed, "method_not_allowed", "method_not_allowed", $"{ShownPath.Of(context.Request.Path)} does not take {context.Request.Method}; it takes {allowed}."));
    }

    // For addresses that are not of our account: what is missing or wrong is said with the address that would be right.
    private OpenAiError Elsewhere(string[] segments) => segments switch
    {
        ["", "v1", var own, _] when own == account.Value.AccountId => NotFound($"Nothing is served at {string.Join('/', segments)}. Universal requests (an array of steps) are not passed: ask /v1/{account.Value.AccountId}/{{gateway}}/compat/chat/completions, and let a rule set's `providers` and `fallback` choose."),
        ["", "v1", _, _, var provider, ..] when IsProvider(provider) => NotFound(
            $"This proxy serves the account {account.Value.AccountId} alone: the address would be /v1/{account.Value.AccountId}/{string.Join('/', segments[3..])}."),
        ["", "v1", var gateway, var provider, ..] when IsProvider(provider) => NotFound($"The account is missing before the gateway: the address would be /v1/{account.Value.AccountId}/{gateway}/{string.Join('/', segments[3..])}."),
        ["", "v1", var gateway, ..] when Dialect.At('/' + string.Join('/', (string[])["v1", .. segments[3..]])) is not null => NotFound(
            $"Account and provider are missing: the address would be /v1/{account.Value.AccountId}/{gateway}/openrouter/{string.Join('/', segments[3..])}, with the slug of your provider, or `compat`."),
        _ => NotFound($"Nothing is served at {string.Join('/', segments)}."),
    };

    private static bool IsProvider(string segment) => segment == "compat" || ProviderCatalogue.SlugOf(segment) is not null;

    private static OpenAiError NotFound(string message) => new(StatusCodes.Status404NotFound, "not_found", "not_found", message);

    private static Task RefuseAsync(HttpContext context, OpenAiError error) => error.WriteAsync(context.Response, context.RequestAborted);

    [GeneratedRegex(@"^@(cf|hf)/[A-Za-z0-9._-]{1,64}/[A-Za-z0-9._:-]{1,128}\z")]
    private static partial Regex ModelName();
}
