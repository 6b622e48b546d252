using System.Text.Json;

namespace GatewayOps.Emulator.Upstreams.Gemini;

/// <summary>GET models with `pageSize` and `pageToken`, and one of them.</summary>
public static class GeminiModels
{
    private const int UsualPage = 50;

    public static IEnumerable<Operation> At(string folder)
    {
        yield return new("GET", folder + "models", GeminiErrors.Instance, List, ReadsJson: false);
        yield return new("GET", folder + "models/*", GeminiErrors.Instance, One, ReadsJson: false);
    }

    private static UpstreamReply List(SimulatedCall call)
    {
        var size = int.TryParse(call.Query("pageSize"), out var asked) && asked > 0 ? Math.Min(asked, 1000) : UsualPage;
        var from = int.TryParse(call.Query("pageToken"), out var token) && token > 0 ? token : 0;
        var page = (call.Provider, from, size);
        return UpstreamReply.Json(200, WireJson.Bytes(page, static (json, page) =>
        {
            var models = page.Provider.Models;
            json.WriteStartObject();
            json.WriteStartArray("models"u8);
            foreach (var model in models.Skip(page.from).Take(page.size))
                Write(json, model, page.Provider);
            json.WriteEndArray();
            if (page.from + page.size < models.Count)
                json.WriteString("nextPageToken"u8, (page.from + page.size).ToString());
            json.WriteEndObject();
        }));
    }

    private static UpstreamReply One(SimulatedCall call)
    {
        call.Provider.RequireModel(call.Captured);
        return UpstreamReply.Json(200, WireJson.Bytes(call, static (json, call) => Write(json, call.Captured, call.Provider)));
    }

    private static void Write(Utf8JsonWriter json, string model, ProviderKnowledge provider)
    {
        var embeds = model.Contains("embedding", StringComparison.Ordinal);
        json.WriteStartObject();
        json.WriteString("name"u8, $"models/{model}");
        json.WriteString("version"u8, "001"u8);
        json.WriteString("displayName"u8, model);
        json.WriteString("description"u8, "Simulated"u8);
        json.WriteNumber("inputTokenLimit"u8, provider.WindowOf(model));
        json.WriteNumber("outputTokenLimit"u8, embeds ? 1 : 65_536);
        json.WriteStartArray("supportedGenerationMethods"u8);
        foreach (var method in (ReadOnlySpan<string>)(embeds ? ["embedContent", "countTokens"] : ["generateContent", "countTokens"]))
            json.WriteStringValue(method);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
