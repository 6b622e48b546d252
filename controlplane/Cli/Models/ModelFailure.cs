using GatewayOps.Cli.ControlPlane;
using GatewayOps.Cli.Output;
using GatewayOps.Client;

namespace GatewayOps.Cli.Models;

/// <summary>Failures of the client library as errors of the command line: what, why, and the command to go on with. Source: checklist S0-15 to S0-17, S3-20 to S3-23.</summary>
public static class ModelFailure
{
    private static readonly (Type Kind, Func<GatewayException, ModelTarget, string> Next)[] NextByKind =
    [
        (typeof(GatewayUnauthorizedException), (_, target) => target.Service is null
            ? $"make a token with AI Gateway: Run (AI Gateway: Edit to manage gateways, too) at {Links.Tokens}, set CLOUDFLARE_GATEWAY_TOKEN, then: gatewayops test --direct"
            : $"set {ServiceAddress.ProxyTokenVariable} to the proxy's token or to a virtual key (gatewayops token create --name NAME --key)"),
        (typeof(GatewayModelNotFoundException), (e, _) => ((GatewayModelNotFoundException)e).Suggestions is [var nearest, ..]
            ? $"repeat with --model {nearest}"
            : "repeat with --model and the full form, as @cf/meta/llama-3.1-8b-instruct or openai/gpt-4o-mini: https://developers.cloudflare.com/workers-ai/models/ lists those of Workers AI"),
        (typeof(GatewayNotFoundException), (e, _) => $"gatewayops gateway create {((GatewayNotFoundException)e).GatewayId}, or set CLOUDFLARE_GATEWAY_ID to one that is there (openai-compat is the default)"),
        (typeof(GatewayRateLimitedException), (e, _) => $"wait {((GatewayRateLimitedException)e).RetryAfter?.TotalSeconds.ToString("0", System.Globalization.CultureInfo.InvariantCulture) ?? "a few"} seconds, then repeat"),
        (typeof(GatewayInsufficientCreditsException), (_, _) => "gatewayops usage --by key shows what was spent; add credit at the provider, or raise the budget"),
        (typeof(GatewayTimeoutException), (_, target) => $"gatewayops test{(target.Service is null ? " --direct" : "")} shows where the time goes"),
        (typeof(GatewayTruncatedException), (_, _) => "ask again: what came is not the whole answer"),
    ];

    /// <summary>Texts of providers are shown without control characters: they must not steer the terminal.</summary>
    public static CliException Of(GatewayException e, ModelTarget target)
    {
        var next = Array.Find(NextByKind, row => row.Kind == e.GetType()).Next ?? ((_, _) => target.Service is null ? "gatewayops test --direct, then gatewayops doctor" : "gatewayops test, then gatewayops doctor");
        return new CliException(PlainText.Line(e.Message), next(e, target));
    }
}
