using System.Collections.Frozen;
using System.Text.Json;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>
/// What Cloudflare takes from cf-aig-metadata: the first few texts, numbers and booleans of a flat object, without the names that begin with `cf.`; a name that comes twice has its last value, as
/// JSON.parse gives it. Source: Cloudflare contract, section 12.1.
/// </summary>
public static class CallerMetadata
{
    public const string Header = "cf-aig-metadata";

    /// <summary>Empty for anything but an object, and for one with half of a surrogate pair in a text: what cannot be written again is none.</summary>
    /// <param name="header">The header's value; null for none.</param>
    /// <param name="most">Members that are taken, from the first.</param>
    /// <param name="takes">Whether a name may be taken.</param>
    public static IReadOnlyDictionary<string, JsonElement> Read(string? header, int most, Func<string, bool>? takes = null)
    {
        if (string.IsNullOrEmpty(header))
        {
            return FrozenDictionary<string, JsonElement>.Empty;
        }

        try
        {
            using var document = JsonDocument.Parse(header);
            var metadata = new Dictionary<string, JsonElement>();
            if (document.RootElement.ValueKind is not JsonValueKind.Object)
            {
                return metadata;
            }

            foreach (var member in document.RootElement.EnumerateObject())
            {
                if (IsPlain(member.Value) && !member.Name.StartsWith("cf.", StringComparison.Ordinal) && takes?.Invoke(member.Name) is not false
                    && (metadata.Count < most || metadata.ContainsKey(member.Name)))
                {
                    metadata[member.Name] = member.Value.Clone();
                }
            }

            return metadata;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return FrozenDictionary<string, JsonElement>.Empty;
        }
    }

    // A text is read once here, so that one that cannot be throws.
    private static bool IsPlain(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString() is not null,
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => true,
        _ => false,
    };
}
