using System.Text.Json;
using System.Text.Json.Nodes;

namespace GatewayOps.Rules.Reading;

/// <summary>Parts of a document as they are sent. Whole numbers are written as such, however the document wrote them: an integer of Cloudflare's is not to be sent as 300.0.</summary>
internal static class DocumentNode
{
    public static Dictionary<string, JsonNode?> Fields(JsonElement value) => value.EnumerateObject().ToDictionary(field => field.Name, field => Of(field.Value));

    public static JsonNode? Of(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.Object => new JsonObject(value.EnumerateObject().Select(member => KeyValuePair.Create(member.Name, Of(member.Value)))),
        JsonValueKind.Array => new JsonArray([.. value.EnumerateArray().Select(Of)]),
        JsonValueKind.Number when ExactNumber.Parse(value.GetRawText()).TryGetInt64(out var whole) => JsonValue.Create(whole),
        JsonValueKind.Number => JsonValue.Create(value.GetDouble()),
        JsonValueKind.String => JsonValue.Create(value.GetString()),
        _ => JsonValue.Create(value.GetBoolean()),
    };
}
