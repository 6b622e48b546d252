using System.Collections.Frozen;
using GatewayOps.ControlPlane.Upstreams;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>The headers that cross the proxy. Both directions are lists of what passes: credentials, cookies and cf-aig- directives of a caller never do.</summary>
internal static class PassedHeaders
{
    private static readonly FrozenSet<string> ToUpstream =
        new[] { "user-agent", "openai-beta", "anthropic-version", "anthropic-beta", "idempotency-key", "traceparent", "tracestate" }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenSet<string> ToCaller =
        new[] { "retry-after", "openai-processing-ms", "openai-version", "openai-model", "request-id", "cf-aig-log-id", "cf-aig-cache-status" }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    // Whose account a key of the caller's own works for. With a stored key the account is the operator's.
    private static readonly FrozenSet<string> WithOwnKey = new[] { "openai-organization", "openai-project" }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    public static IReadOnlyList<KeyValuePair<string, string>> Of(HttpRequest request, bool hasOwnKey = false)
    {
        List<KeyValuePair<string, string>>? passed = null;
        foreach (var (name, values) in request.Headers)
        {
            if ((ToUpstream.Contains(name) || name.StartsWith("x-stainless-", StringComparison.OrdinalIgnoreCase) || (hasOwnKey && WithOwnKey.Contains(name))) && values.ToString() is var value && HeaderText.IsSafe(value))
            {
                (passed ??= []).Add(new(name, value));
            }
        }

        return passed is null ? [] : passed;
    }

    public static void Copy(UpstreamAnswer answer, HttpResponse response)
    {
        foreach (var (name, values) in answer.Headers)
        {
            if (IsForCaller(name) && values.ToString() is var value && HeaderText.IsSafe(value))
            {
                response.Headers[name] = value;
            }
        }
    }

    /// <summary>Those of a failure, but for when to come again: that is told as it was understood.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Of(UpstreamAnswer answer)
    {
        var passed = new List<KeyValuePair<string, string>>();
        foreach (var (name, values) in answer.Headers)
        {
            if (IsForCaller(name) && !name.Equals("retry-after", StringComparison.OrdinalIgnoreCase) && values.ToString() is var value && HeaderText.IsSafe(value))
            {
                passed.Add(new(name, value));
            }
        }

        return passed;
    }

    private static bool IsForCaller(string name) =>
        ToCaller.Contains(name) || name.StartsWith("x-ratelimit-", StringComparison.OrdinalIgnoreCase) || name.StartsWith("anthropic-ratelimit-", StringComparison.OrdinalIgnoreCase);
}
