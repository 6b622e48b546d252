using System.Text.Json;
using System.Text.Json.Nodes;

namespace GatewayOps.Infra.Spec;

/// <summary>
/// The gateway fields that rule sets refuse because they may carry a credential, and so their reader does not check: here they are. Values are always sent as secrets.
/// Source: Cloudflare contract, section 2.1.
/// </summary>
internal static class CredentialFields
{
    /// <summary>The faults of one field, each with its place below it as `[0].headers.x`; none repeats a value.</summary>
    public static IEnumerable<(string Below, string Message)> Check(string field, JsonNode value) => field switch
    {
        "otel" => value is JsonArray exporters ? exporters.SelectMany((exporter, index) => Exporter(exporter as JsonObject ?? [], $"[{index}]")) : [],
        "stripe" => Stripe(value as JsonObject),
        "logpush_public_key" => PublicKey(value),
        _ => [],
    };

    private static IEnumerable<(string, string)> Exporter(JsonObject exporter, string at)
    {
        if (Text(exporter["url"]) is { } url && !(Uri.TryCreate(url, UriKind.Absolute, out var address) && address is { Scheme: "http" or "https", UserInfo: "" }))
            yield return ($"{at}.url", "must be an absolute http or https address without user");
        if (exporter.ContainsKey("authorization") && !IsHeaderValue(exporter["authorization"]))
            yield return ($"{at}.authorization", "must be a text without control characters: the name of a secret of the Secrets Store");
        if (exporter["headers"] is not { } headers)
            yield break;
        if (headers is not JsonObject table)
            yield return ($"{at}.headers", "must be an object of header names and texts");
        else
            foreach (var (name, value) in table.Where(header => header.Key.Length == 0 || !header.Key.All(IsNameCharacter) || !IsHeaderValue(header.Value)))
                yield return ($"{at}.headers.{name}", "must be a header: a name of letters, digits and dashes, a value without control characters");
    }

    private static IEnumerable<(string, string)> Stripe(JsonObject? stripe)
    {
        if (stripe is null)
        {
            yield return ("", "expected an object with authorization and usage_events");
            yield break;
        }

        if (!IsHeaderValue(stripe["authorization"]))
            yield return (".authorization", "must be a text without control characters");
        if (stripe["usage_events"] is not JsonArray { Count: > 0 } events || events.Any(item => item is not JsonObject { Count: 1 } only || Text(only["payload"]) is not { Length: > 0 }))
            yield return (".usage_events", "must be a list of objects that have one text, payload");
        foreach (var other in stripe.Select(member => member.Key).Except(["authorization", "usage_events"]))
            yield return ($".{other}", "unknown; the members are authorization and usage_events");
    }

    private static IEnumerable<(string, string)> PublicKey(JsonNode value)
    {
        var text = Text(value) ?? "";
        if (text.Contains("PRIVATE KEY", StringComparison.Ordinal))
            yield return ("", "this is a private key: Cloudflare takes the public half (openssl rsa -pubout), and the private one belongs to whoever reads the logs");
        else if (text.Length is < 16 or > 1024 || !text.StartsWith("-----BEGIN", StringComparison.Ordinal))
            yield return ("", "must be an RSA public key in PEM, 16 to 1024 characters");
    }

    private static string? Text(JsonNode? value) => value?.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;

    private static bool IsHeaderValue(JsonNode? value) => Text(value) is { Length: > 0 } text && !text.Any(char.IsControl);

    private static bool IsNameCharacter(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.';
}
