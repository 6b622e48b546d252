using System.Text.Json;

namespace GatewayOps.Emulator.Upstreams.OpenAi;

/// <summary>GET models, and one of them by its id.</summary>
public static class ModelList
{
    private const long Created = 1_735_689_600; // 2025-01-01

    public static Operation At(string path, ErrorDialect? errors = null) =>
        new("GET", path, errors ?? OpenAiErrors.OpenAi, List, ReadsJson: false);

    /// <param name="path">With a `*` for the id.</param>
    public static Operation OneAt(string path, ErrorDialect? errors = null) =>
        new("GET", path, errors ?? OpenAiErrors.OpenAi, One, ReadsJson: false);

    private static UpstreamReply List(SimulatedCall call) => UpstreamReply.Json(200, WireJson.Bytes(call, static (json, call) =>
    {
        json.WriteStartObject();
        json.WriteString("object"u8, "list"u8);
        json.WriteStartArray("data"u8);
        foreach (var model in call.Provider.Models)
            Write(json, model, call.Slug);
        json.WriteEndArray();
        json.WriteEndObject();
    }));

    private static UpstreamReply One(SimulatedCall call)
    {
        call.Provider.RequireModel(call.Captured);
        return UpstreamReply.Json(200, WireJson.Bytes(call, static (json, call) => Write(json, call.Captured, call.Slug)));
    }

    private static void Write(Utf8JsonWriter json, string model, string owner)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, model);
        json.WriteString("object"u8, "model"u8);
        json.WriteNumber("created"u8, Created);
        json.WriteString("owned_by"u8, owner);
        json.WriteEndObject();
    }
}
