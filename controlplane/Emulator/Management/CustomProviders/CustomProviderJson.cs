using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.Management.CustomProviders;

/// <summary>A custom provider as an answer shows it. Members that nobody set are missing.</summary>
public static class CustomProviderJson
{
    public static JsonObject Of(CustomProviderState provider, string accountId, Assumptions assumptions)
    {
        var json = new JsonObject
        {
            ["id"] = provider.Id,
            ["name"] = provider.Name,
            ["slug"] = provider.Slug,
            ["base_url"] = provider.BaseUrl,
            ["enable"] = provider.Enable,
            ["beta"] = provider.Beta,
            ["logo"] = Logo(provider.Name),
            ["created_at"] = Time(provider.CreatedAt, assumptions),
            ["modified_at"] = Time(provider.ModifiedAt, assumptions),
        };
        if (assumptions.CustomProvidersAsInTheDocuments)
        {
            json["account_id"] = accountId;
            json["account_tag"] = accountId;
        }
        foreach (var (name, text) in new[]
        {
            ("description", provider.Description), ("link", provider.Link), ("curl_example", provider.CurlExample),
            ("js_example", provider.JsExample), ("headers", provider.HeadersText),
        })
        {
            if (text is not null)
                json[name] = text;
        }
        if (provider.Position is { } position)
            json["position"] = position;
        return json;
    }

    private static JsonNode Time(DateTimeOffset time, Assumptions assumptions) =>
        assumptions.CustomProvidersAsInTheDocuments ? time.ToUnixTimeSeconds() : JsonText.Time(time);

    // The real service draws one for every provider: base64 of an SVG.
    private static string Logo(string name) => Convert.ToBase64String(Encoding.UTF8.GetBytes(
        $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 24 24\"><text x=\"12\" y=\"17\" text-anchor=\"middle\">{WebUtility.HtmlEncode(name.EnumerateRunes().First().ToString())}</text></svg>"));
}
