using System.Diagnostics;
using GatewayOps.ControlPlane.Proxy.GenAi;
using GatewayOps.ControlPlane.Telemetry.Tracing;
using GatewayOps.ControlPlane.Upstreams;
using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Proxy.Tracing;

/// <summary>
/// Each attempt is a client span, and the upstream learns of it: by traceparent, and Cloudflare by its own headers, so that the spans that it exports hang below ours.
/// Source: Cloudflare contract, section 12; OpenTelemetry's conventions for generative AI, client spans.
/// </summary>
public sealed class TracedUpstream(IUpstream next, ServiceTraces traces, IOptions<CloudflareAccountOptions> account) : IUpstream
{
    private static readonly string[] Replaced = ["traceparent", "tracestate", "cf-aig-otel-trace-id", "cf-aig-otel-parent-span-id"];

    public async Task<UpstreamAnswer> SendAsync(UpstreamRequest request, CancellationToken cancellationToken)
    {
        if (Activity.Current is not { } under || under.Source != traces.Source)
        {
            return await next.SendAsync(request, cancellationToken);
        }

        // Null where this trace is not recorded; its context is passed on all the same.
        var attempt = traces.Source!.StartActivity(NameOf(request), ActivityKind.Client);
        var linked = request with { CallerHeaders = Linked(request.CallerHeaders, attempt ?? under) };
        if (attempt is null)
        {
            return await next.SendAsync(linked, cancellationToken);
        }

        Describe(attempt, request);
        try
        {
            var answer = await next.SendAsync(linked, cancellationToken);
            attempt.SetTag("http.response.status_code", answer.Status);
            if (answer.IsSuccess)
            {
                // What it used is known when the request is over; when it ended, as soon as it is let go.
                ServiceTraces.Keep(under, attempt);
                // By the machine's clock, as spans begin.
                answer.Ended = () => attempt.SetEndTime(TimeProvider.System.GetUtcNow().UtcDateTime);
            }
            else
            {
                answer.Ended = () => Fail(attempt, answer.Status.ToString());
            }

            return answer;
        }
        catch (Exception exception)
        {
            Fail(attempt, exception.GetType().FullName!);
            throw;
        }
    }

    private static string NameOf(UpstreamRequest request) => $"{GenAiNames.Operation(request.Operation) ?? request.Method.Method} {request.Model ?? request.Provider.Slug}";

    private void Describe(Activity attempt, UpstreamRequest request)
    {
        if (GenAiNames.Operation(request.Operation) is { } operation)
        {
            attempt.SetTag("gen_ai.operation.name", operation);
        }

        attempt.SetTag("gen_ai.provider.name", GenAiNames.Provider(request.Provider.Slug));
        attempt.SetTag("gen_ai.request.model", request.Model);
        attempt.SetTag("gatewayops.gateway", request.Provider.IsDirect ? null : request.Gateway);
        var server = request.Provider.IsDirect ? request.Provider.BaseUrl! : account.Value.GatewayBaseUrl;
        attempt.SetTag("server.address", server.Host);
        attempt.SetTag("server.port", server.Port);
    }

    private static void Fail(Activity attempt, string type)
    {
        attempt.SetStatus(ActivityStatusCode.Error);
        attempt.SetTag("error.type", type);
        attempt.Stop();
    }

    // In direct mode what begins with cf- is not sent.
    private static List<KeyValuePair<string, string>> Linked(IReadOnlyList<KeyValuePair<string, string>> headers, Activity span)
    {
        List<KeyValuePair<string, string>> linked =
        [
            .. headers.Where(header => !Replaced.Contains(header.Key, StringComparer.OrdinalIgnoreCase)),
            new("traceparent", span.Id!), new("cf-aig-otel-trace-id", span.TraceId.ToHexString()), new("cf-aig-otel-parent-span-id", span.SpanId.ToHexString()),
        ];
        if (span.TraceStateString is { Length: > 0 } state && HeaderText.IsSafe(state))
        {
            linked.Add(new("tracestate", state));
        }

        return linked;
    }
}
