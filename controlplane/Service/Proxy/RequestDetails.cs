using System.Text.Json;
using GatewayOps.Rules;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>
/// The metadata and headers of a request, for rules that ask for them; read when the first one does. Metadata is what Cloudflare takes from cf-aig-metadata: up to five texts, numbers
/// and booleans of a flat object, without the names that begin with `cf.`; anything else there is none. Source: Cloudflare contract, section 12.1.
/// </summary>
/// <param name="headers">Without the caller's token, which was taken out.</param>
public sealed class RequestDetails(IHeaderDictionary headers) : IRequestDetails
{
    public const string MetadataHeader = "cf-aig-metadata";

    private const int MostEntries = 5;

    private Dictionary<string, string>? _metadata;

    public string? Metadata(string name) => (_metadata ??= Read(headers[MetadataHeader])).GetValueOrDefault(name);

    public string? Header(string name) => headers.TryGetValue(name, out var values) ? string.Join(", ", values.AsEnumerable()) : null;

    private static Dictionary<string, string> Read(string? header)
    {
        var metadata = new Dictionary<string, string>();
        if (header is null)
        {
            return metadata;
        }

        try
        {
            using var document = JsonDocument.Parse(header);
            if (document.RootElement.ValueKind is not JsonValueKind.Object)
            {
                return metadata;
            }

            foreach (var member in document.RootElement.EnumerateObject())
            {
                if (TextOf(member.Value) is { } text && !member.Name.StartsWith("cf.", StringComparison.Ordinal) && (metadata.Count < MostEntries || metadata.ContainsKey(member.Name)))
                {
                    metadata[member.Name] = text;
                }
            }

            return metadata;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return [];
        }
    }

    private static string? TextOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => value.GetRawText(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => null,
    };
}
