using System.Text.Json.Nodes;
using GatewayOps.Rules;

namespace GatewayOps.ControlPlane.Reconciliation.Planning;

/// <summary>What a rule set may say of a custom provider, in one spelling. Anything else that it has, `headers` with their credentials above all, is never read into a plan.</summary>
public static class CustomProviderFields
{
    private static readonly string[] Names = ["name", "base_url", "enable", "description", "link"];

    /// <summary>Without what the entry does not say.</summary>
    public static IReadOnlyDictionary<string, FieldValue> Of(CustomProviderEntry entry)
    {
        var fields = new JsonObject { ["name"] = entry.Name, ["base_url"] = entry.BaseUrl, ["enable"] = entry.Enable };
        foreach (var (name, text) in new[] { ("description", entry.Description), ("link", entry.Link) })
        {
            if (text is not null)
            {
                fields[name] = text;
            }
        }

        return Of(fields);
    }

    public static IReadOnlyDictionary<string, FieldValue> Of(JsonObject received)
    {
        var fields = new SortedDictionary<string, FieldValue>(StringComparer.Ordinal);
        foreach (var name in Names.Where(received.ContainsKey))
        {
            fields[name] = Field(name, received[name]);
        }

        return fields;
    }

    // Flags come as booleans and as 0 and 1; a URL's host has no case and a slash at its end no meaning.
    private static FieldValue Field(string name, JsonNode? value) => (name, CanonicalJson.Of(value)) switch
    {
        ("enable", "0" or "null") => new FieldValue("false"),
        ("enable", "1") => new FieldValue("true"),
        ("base_url", var text) when value?.GetValueKind() == System.Text.Json.JsonValueKind.String =>
            Uri.TryCreate(value.GetValue<string>(), UriKind.Absolute, out var url) ? FieldValue.Text(url.AbsoluteUri.TrimEnd('/')) : new FieldValue(text),
        (_, var text) => new FieldValue(text),
    };
}
