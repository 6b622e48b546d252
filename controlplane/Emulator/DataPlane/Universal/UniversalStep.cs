using System.Text;
using System.Text.Json;
using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.DataPlane.Universal;

/// <summary>One step of a universal request (contract 14): a provider, its endpoint, the headers and the body for it.</summary>
/// <param name="Path">Percent-encoded, without a leading slash and without `..`.</param>
/// <param name="Query">With its question mark, or empty.</param>
/// <param name="Headers">For the provider.</param>
/// <param name="Directives">Its own `cf-aig-*` headers and its `config`, which wins over them.</param>
public sealed record UniversalStep(
    string Provider, string Path, string Query, RequestBody Body, IReadOnlyList<KeyValuePair<string, string>> Headers, RequestDirectives Directives)
{
    /// <summary>The members of `config` and the headers that say the same.</summary>
    private static readonly Dictionary<string, string> Config = new()
    {
        ["requestTimeout"] = "cf-aig-request-timeout",
        ["maxAttempts"] = "cf-aig-max-attempts",
        ["retryDelay"] = "cf-aig-retry-delay",
        ["backoff"] = "cf-aig-backoff",
        ["cacheTtl"] = "cf-aig-cache-ttl",
        ["skipCache"] = "cf-aig-skip-cache",
        ["cacheKey"] = "cf-aig-cache-key",
        ["metadata"] = "cf-aig-metadata",
        ["customCost"] = "cf-aig-custom-cost",
        ["collectLog"] = "cf-aig-collect-log",
        ["eventId"] = "cf-aig-event-id",
    };

    public CallWish Wish(Arrival arrival, int index) => new(
        Provider, Path, Query, "POST", Body, Headers, Directives.Over(arrival.Directives), index);

    /// <param name="at">Where the step stands in the document, for errors.</param>
    public static (UniversalStep? Step, GatewayError? Error) Read(JsonElement step, params object[] at)
    {
        if (step.ValueKind != JsonValueKind.Object)
            return (null, GatewayError.BadInput("Expected object", at));
        if (step.TextOf("provider") is not { Length: > 0 } provider)
            return (null, GatewayError.BadInput("Required", [.. at, "provider"]));
        if (step.TextOf("endpoint") is not { Length: > 0 } endpoint || !Uri.TryCreate("http://provider/" + endpoint.TrimStart('/'), UriKind.Absolute, out var address))
            return (null, GatewayError.BadInput("Required", [.. at, "endpoint"]));
        if (!step.TryGetProperty("query", out var query))
            return (null, GatewayError.BadInput("Required", [.. at, "query"]));

        var headers = new List<KeyValuePair<string, string>>();
        var directives = RequestDirectives.None;
        if (step.TryGetProperty("headers", out var sent))
        {
            if (sent.ValueKind != JsonValueKind.Object)
                return (null, GatewayError.BadInput("Expected object", [.. at, "headers"]));
            foreach (var header in sent.EnumerateObject())
            {
                if (HeaderText(header.Value) is not { } value || !IsSendable(header.Name, value))
                    return (null, GatewayError.BadInput("Invalid header", [.. at, "headers", header.Name]));
                if (RequestDirectives.IsOwn(header.Name))
                    directives = directives.With(header.Name, value);
                else if (!ForwardedHeaders.IsHeld(header.Name))
                    headers.Add(new(header.Name.ToLowerInvariant(), value));
            }
        }
        if (step.TryGetProperty("config", out var config))
        {
            if (config.ValueKind != JsonValueKind.Object)
                return (null, GatewayError.BadInput("Expected object", [.. at, "config"]));
            foreach (var member in config.EnumerateObject())
                if (Config.TryGetValue(member.Name, out var name) && HeaderText(member.Value) is { } value)
                    directives = directives.With(name, value);
        }
        if (!headers.Exists(header => header.Key == "content-type"))
            headers.Add(new("content-type", "application/json"));
        return (new UniversalStep(provider, address.AbsolutePath[1..], address.Query, RequestBody.Of(Encoding.UTF8.GetBytes(query.GetRawText())), headers, directives), null);
    }

    /// <summary>A header's value may be written as a number, a boolean or an object.</summary>
    private static string? HeaderText(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.Number or JsonValueKind.Object => value.GetRawText(),
        _ => null,
    };

    /// <summary>It comes from JSON: a control character in it would begin another header line.</summary>
    private static bool IsSendable(string name, string value) =>
        name.Length > 0 && name.All(sign => char.IsAsciiLetterOrDigit(sign) || "!#$%&'*+-.^_`|~".Contains(sign))
        && !value.AsSpan().ContainsAnyExceptInRange(' ', '~');
}
