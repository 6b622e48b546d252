using System.Diagnostics;
using GatewayOps.ControlPlane.Proxy.GenAi;
using GatewayOps.ControlPlane.Telemetry.Tracing;
using GatewayOps.ControlPlane.Usage;

namespace GatewayOps.ControlPlane.Proxy.Tracing;

/// <summary>
/// What the proxy tells of a request that is traced: the decision as a span of its own, the attempts' usage, and the outcome. Never a prompt, an answer, a token or a session.
/// Nothing is done where no span is under way. Source: OpenTelemetry's conventions for generative AI.
/// </summary>
internal static class ProxyTraces
{
    /// <summary>Begins the span of the decision; null where nothing is recorded.</summary>
    public static Activity? Routing() =>
        Activity.Current is { IsAllDataRequested: true, Source: { Name: ServiceTraces.SourceName } source } ? source.StartActivity("route") : null;

    /// <summary>Ends it.</summary>
    public static void Decided(Activity? routing, RouteDecision? decision, string revision)
    {
        if (routing is null)
        {
            return;
        }

        routing.SetTag("gatewayops.revision", revision);
        routing.SetTag("gatewayops.rule", decision?.Route.Rule);
        routing.SetTag("gatewayops.upstreams", decision?.Targets.Select(target => target.Provider.Slug).ToArray() ?? []);
        routing.SetTag("gen_ai.request.model", decision?.Asked.Model);
        if (decision is null)
        {
            routing.SetStatus(ActivityStatusCode.Error, "refused");
        }

        routing.Stop();
    }

    public static void Finished(UsageRecord record)
    {
        if (Activity.Current is not { IsAllDataRequested: true, Source.Name: ServiceTraces.SourceName } request)
        {
            return;
        }

        request.SetTag("gatewayops.gateway", record.Gateway);
        request.SetTag("gatewayops.revision", record.Revision);
        request.SetTag("gatewayops.rule", record.Rule);
        request.SetTag("gatewayops.outcome", record.Outcome);
        request.SetTag("gatewayops.cache", record.Cache);
        request.SetTag("gatewayops.attempts", record.Attempts);
        if (record.Outcome is not (Outcomes.Ok or Outcomes.ClientError or Outcomes.RateLimited or Outcomes.Refused))
        {
            request.SetStatus(ActivityStatusCode.Error);
            request.SetTag("error.type", record.Outcome);
        }

        var attempts = ServiceTraces.Take(request);
        for (var i = 0; i < attempts.Count; i++)
        {
            if (i == attempts.Count - 1)
            {
                Tell(attempts[i], record);
            }
            else
            {
                // It answered, and what it answered was of no use.
                attempts[i].SetStatus(ActivityStatusCode.Error);
                attempts[i].SetTag("error.type", Outcomes.UpstreamError);
            }

            attempts[i].Stop();
        }
    }

    private static void Tell(Activity attempt, UsageRecord record)
    {
        attempt.SetTag("gatewayops.cache", record.Cache);
        if (record.Outcome != Outcomes.Ok)
        {
            attempt.SetStatus(ActivityStatusCode.Error);
            attempt.SetTag("error.type", record.Outcome);
        }

        if (record is { Outcome: Outcomes.Truncated, Stream: true })
        {
            attempt.SetTag("gen_ai.response.finish_reasons", new[] { "error" });
        }

        if (record is { Tokens: { IsEstimate: false } tokens, Cache: not "hit" })
        {
            attempt.SetTag("gen_ai.usage.input_tokens", tokens.Input);
            attempt.SetTag("gen_ai.usage.output_tokens", tokens.Output);
            attempt.SetTag("gen_ai.usage.cache_read.input_tokens", tokens.Cached);
            attempt.SetTag("gen_ai.usage.cache_write.input_tokens", tokens.CacheWrites);
        }
    }
}
