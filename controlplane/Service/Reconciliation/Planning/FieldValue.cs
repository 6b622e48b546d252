using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace GatewayOps.ControlPlane.Reconciliation.Planning;

/// <summary>
/// A gateway field's value in its one canonical spelling, so that equality of texts is equality of meaning.
/// Only <see cref="Normalizer"/> makes them: a value that was not normalised cannot be compared by mistake.
/// </summary>
[JsonConverter(typeof(FieldValueJson))]
public readonly record struct FieldValue
{
    private readonly string? _json;

    internal FieldValue(string json) => _json = json;

    /// <summary>Canonical JSON text: sorted members, no whitespace, shortest number form.</summary>
    public string Json => _json ?? "null";

    public bool IsNull => Json == "null";

    /// <summary>Stands for the id of the Secrets Store that the same plan creates; the applier puts the id in its place.</summary>
    public static FieldValue NewStoreId { get; } = new("\"(id of the new secrets store)\"");

    public static FieldValue Text(string text) => new(CanonicalJson.Of(JsonValue.Create(text)));

    /// <summary>The value as a new node, to be written to Cloudflare.</summary>
    public JsonNode? ToNode() => JsonNode.Parse(Json);

    public override string ToString() => Json;
}

/// <summary>In JSON a field value is the value itself, not a text about it.</summary>
internal sealed class FieldValueJson : JsonConverter<FieldValue>
{
    public override FieldValue Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        new(CanonicalJson.Of(JsonNode.Parse(ref reader)));

    public override void Write(Utf8JsonWriter writer, FieldValue value, JsonSerializerOptions options) => writer.WriteRawValue(value.Json);
}
