using System.Collections.Frozen;
using GatewayOps.ControlPlane.Upstreams;
using GatewayOps.ControlPlane.Usage;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>What the gateway's own errors mean for the caller, one row per code. Source: Cloudflare contract, section 13.</summary>
internal static class GatewayFaults
{
    private const int NoAnswer = 2005;

    private static readonly FrozenDictionary<int, Row> Rows = new Dictionary<int, Row>
    {
        [2001] = new(404, "not_found", "gateway_not_found", Outcomes.UpstreamError, Next.Nothing,
            "The gateway `{gateway}` does not exist in this Cloudflare account: create it with `gatewayops gateway create {gateway}`, or set CLOUDFLARE_GATEWAY_ID to one that exists (`gatewayops gateway list`).", IsOfGateway: true),
        [2003] = new(429, "rate_limit_error", "rate_limit_exceeded", Outcomes.RateLimited, Next.Nothing,
            "The gateway `{gateway}` has reached its rate limit: wait, or raise rate_limiting_limit in its rule set."),
        [NoAnswer] = new(502, "upstream_error", "upstream_failed", Outcomes.UpstreamError, Next.Retry,
            "The gateway got no answer from {provider}."),
        [2008] = new(502, "upstream_error", "provider_unknown", Outcomes.UpstreamError, Next.FallBack,
            "Cloudflare does not know the provider {provider}: correct it in the rule set.", IsOfGateway: true),
        [2009] = new(502, "upstream_error", "gateway_unauthorized", Outcomes.UpstreamError, Next.Nothing,
            "Cloudflare refused the proxy's gateway token: set CLOUDFLARE_GATEWAY_TOKEN to a token with AI Gateway Run permission (`gatewayops doctor` checks it).", IsOfGateway: true),
        [2016] = new(400, "invalid_request_error", "content_blocked", Outcomes.Refused, Next.Nothing, "The gateway's guardrails blocked the prompt."),
        [2017] = new(400, "invalid_request_error", "content_blocked", Outcomes.Refused, Next.Nothing, "The gateway's guardrails blocked the answer."),
        [2019] = new(400, "invalid_request_error", "invalid_chat", Outcomes.ClientError, Next.Nothing, "The gateway could not read the chat request: {message}"),
        [2021] = new(502, "upstream_error", "insufficient_credits", Outcomes.UpstreamError, Next.FallBack, "The Cloudflare account has not enough credits for {provider}.", IsOfGateway: true),
        [2029] = new(400, "invalid_request_error", "content_blocked", Outcomes.Refused, Next.Nothing, "The gateway's data-loss prevention blocked the prompt."),
        [2030] = new(400, "invalid_request_error", "content_blocked", Outcomes.Refused, Next.Nothing, "The gateway's data-loss prevention blocked the answer."),
        [2040] = new(502, "upstream_error", "provider_key_missing", Outcomes.UpstreamError, Next.FallBack,
            "The gateway `{gateway}` has no stored key for {provider}: put one with `gatewayops keys put`.", IsOfGateway: true),
        [2041] = new(429, "rate_limit_error", "spend_limit_exceeded", Outcomes.RateLimited, Next.FallBack, "A spend limit of the gateway `{gateway}` is used up for {provider}."),
        [2047] = new(502, "upstream_error", "provider_key_missing", Outcomes.UpstreamError, Next.FallBack,
            "Cloudflare has no valid credentials for {provider}: put a key with `gatewayops keys put`.", IsOfGateway: true),
        [2049] = new(502, "upstream_error", "insufficient_credits", Outcomes.UpstreamError, Next.FallBack, "The Cloudflare account has not enough balance for {provider}.", IsOfGateway: true),
        [5007] = new(404, "invalid_request_error", "model_not_found", Outcomes.ClientError, Next.FallBack, "{provider} does not have this model."),
        [7000] = new(404, "invalid_request_error", "model_not_found", Outcomes.ClientError, Next.FallBack, "{provider} does not have this model."),
        [7003] = new(404, "invalid_request_error", "model_not_found", Outcomes.ClientError, Next.FallBack, "{provider} does not have this model."),
    }.ToFrozenDictionary();

    private enum Next
    {
        Nothing,
        FallBack,
        Retry,
    }

    public static UpstreamFailure Judge(GatewayFault fault, string provider, string gateway, int status)
    {
        var row = Rows.GetValueOrDefault(fault.Code) ?? (status >= 500
            ? new Row(502, "upstream_error", "gateway_failed", Outcomes.UpstreamError, Next.Retry, "The gateway failed with {status} (code {code}): {message}")
            : new Row(502, "upstream_error", "gateway_refused", Outcomes.UpstreamError, Next.FallBack, "The gateway refused the call with {status} (code {code}): {message}", IsOfGateway: true));
        var message = row.Message.Replace("{gateway}", gateway).Replace("{provider}", provider).Replace("{status}", $"{status}")
            .Replace("{code}", $"{fault.Code}").Replace("{message}", fault.Message);
        return new UpstreamFailure(provider, row.Outcome, new OpenAiError(row.Status, row.Type, row.Code, message))
        {
            MayRetry = row.Next is Next.Retry,
            MayFallBack = row.Next is not Next.Nothing,
            IsNoAnswer = fault.Code == NoAnswer,
            IsOfGateway = row.IsOfGateway,
        };
    }

    private sealed record Row(int Status, string Type, string Code, string Outcome, Next Next, string Message, bool IsOfGateway = false);
}
