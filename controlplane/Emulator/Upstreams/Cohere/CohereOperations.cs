using System.Text.Json;
using GatewayOps.Emulator.Upstreams.Simulation;

namespace GatewayOps.Emulator.Upstreams.Cohere;

/// <summary>Cohere's own API: chat, embeddings, reranking, models.</summary>
public static class CohereOperations
{
    private const int MostTexts = 96;

    private static readonly string[] InputTypes = ["search_document", "search_query", "classification", "clustering", "image"];
    private static readonly string[] VectorTypes = ["float", "int8", "uint8", "binary", "ubinary", "base64"];

    public static readonly IReadOnlyList<Operation> All =
    [
        new("POST", "v2/chat", CohereErrors.Instance, CohereChat.Create),
        new("POST", "v2/embed", CohereErrors.Instance, Embed),
        new("POST", "v2/rerank", CohereErrors.Instance, Rerank),
        new("POST", "v1/rerank", CohereErrors.Instance, Rerank),
        new("GET", "v1/models", CohereErrors.Instance, Models, ReadsJson: false),
    ];

    private static UpstreamReply Embed(SimulatedCall call)
    {
        var body = call.Body(CohereWords.Instance);
        var model = body.RequiredText("model");
        call.Provider.RequireModel(model);
        if (body.OneOf("input_type", InputTypes) is null)
            throw body.Missing("input_type");
        var texts = body.Texts("texts");
        if (texts.Count is 0 or > MostTexts)
            throw new RefusedException($"invalid request: texts must have 1 to {MostTexts} elements.", "texts");
        var types = body.Texts("embedding_types");
        if (types.FirstOrDefault(type => !VectorTypes.Contains(type)) is { } other)
            throw body.Words.NotOneOf("embedding_types", other, VectorTypes);
        var asked = (call, texts, size: body.Whole("output_dimension", 1, KnownModels.DimensionsOf(model)) ?? KnownModels.DimensionsOf(model), base64: types.Contains("base64"));
        return UpstreamReply.Json(200, WireJson.Bytes(asked, static (json, asked) =>
        {
            json.WriteStartObject();
            json.WriteString("id"u8, Fingerprint.Uuid(asked.call.Digest));
            json.WriteStartObject("embeddings"u8);
            json.WriteStartArray("float"u8);
            foreach (var text in asked.texts)
            {
                json.WriteStartArray();
                foreach (var number in SimulatedVector.Of(text, asked.size))
                    json.WriteNumberValue(number);
                json.WriteEndArray();
            }
            json.WriteEndArray();
            if (asked.base64)
            {
                json.WriteStartArray("base64"u8);
                foreach (var text in asked.texts)
                    json.WriteStringValue(SimulatedVector.Base64(SimulatedVector.Of(text, asked.size)));
                json.WriteEndArray();
            }
            json.WriteEndObject();
            json.WriteStartArray("texts"u8);
            foreach (var text in asked.texts)
                json.WriteStringValue(text);
            json.WriteEndArray();
            WriteMeta(json, "input_tokens", asked.texts.Sum(text => SimulatedTokens.Count(text)));
            json.WriteString("response_type"u8, "embeddings_by_type"u8);
            json.WriteEndObject();
        }));
    }

    private static UpstreamReply Rerank(SimulatedCall call)
    {
        var body = call.Body(CohereWords.Instance);
        call.Provider.RequireModel(body.RequiredText("model"));
        var query = body.RequiredText("query");
        if (!body.Has("documents", out var documents) || documents.ValueKind != JsonValueKind.Array || documents.GetArrayLength() == 0)
            throw body.Missing("documents");
        var ranked = documents.EnumerateArray()
            .Select((document, index) => (Index: index, Score: SimulatedVector.Relevance(query, document.ValueKind == JsonValueKind.String ? document.GetString()! : document.GetRawText())))
            .OrderByDescending(one => one.Score).ThenBy(one => one.Index)
            .Take(body.Whole("top_n", least: 1) ?? int.MaxValue).ToArray();
        return UpstreamReply.Json(200, WireJson.Bytes((call, ranked), static (json, asked) =>
        {
            json.WriteStartObject();
            json.WriteString("id"u8, Fingerprint.Uuid(asked.call.Digest));
            json.WriteStartArray("results"u8);
            foreach (var (index, score) in asked.ranked)
            {
                json.WriteStartObject();
                json.WriteNumber("index"u8, index);
                json.WriteNumber("relevance_score"u8, score);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            WriteMeta(json, "search_units", 1);
            json.WriteEndObject();
        }));
    }

    private static UpstreamReply Models(SimulatedCall call) => UpstreamReply.Json(200, WireJson.Bytes(call.Provider, static (json, provider) =>
    {
        json.WriteStartObject();
        json.WriteStartArray("models"u8);
        foreach (var model in provider.Models)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, model);
            json.WriteStartArray("endpoints"u8);
            json.WriteStringValue(model.StartsWith("embed", StringComparison.Ordinal) ? "embed"u8 : model.StartsWith("rerank", StringComparison.Ordinal) ? "rerank"u8 : "chat"u8);
            json.WriteEndArray();
            json.WriteBoolean("finetuned"u8, false);
            json.WriteNumber("context_length"u8, provider.WindowOf(model));
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }));

    private static void WriteMeta(Utf8JsonWriter json, string unit, int count)
    {
        json.WriteStartObject("meta"u8);
        json.WriteStartObject("api_version"u8);
        json.WriteString("version"u8, "2"u8);
        json.WriteEndObject();
        json.WriteStartObject("billed_units"u8);
        json.WriteNumber(unit, count);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
