using System.Text.Json;
using GatewayOps.Emulator.Upstreams.Simulation;

namespace GatewayOps.Emulator.Upstreams.Gemini;

/// <summary>embedContent, batchEmbedContents, and `predict` of Vertex: texts to vectors, prompts to images.</summary>
public static class GeminiEmbeddings
{
    public static UpstreamReply One(SimulatedCall call)
    {
        call.Provider.RequireModel(call.Captured);
        var vector = Vector(call.Body(GeminiWords.Instance), call.Captured);
        return UpstreamReply.Json(200, WireJson.Bytes(vector, static (json, vector) =>
        {
            json.WriteStartObject();
            json.WritePropertyName("embedding"u8);
            Write(json, vector);
            json.WriteEndObject();
        }));
    }

    public static UpstreamReply Batch(SimulatedCall call)
    {
        call.Provider.RequireModel(call.Captured);
        var vectors = call.Body(GeminiWords.Instance).Objects("requests").Select(request => Vector(request, call.Captured)).ToArray();
        if (vectors.Length == 0)
            throw new RefusedException("* BatchEmbedContentsRequest.requests: at least one request is required\n", "requests");
        return UpstreamReply.Json(200, WireJson.Bytes(vectors, static (json, vectors) =>
        {
            json.WriteStartObject();
            json.WriteStartArray("embeddings"u8);
            foreach (var vector in vectors)
                Write(json, vector);
            json.WriteEndArray();
            json.WriteEndObject();
        }));
    }

    public static UpstreamReply Predict(SimulatedCall call)
    {
        call.Provider.RequireModel(call.Captured);
        var instances = call.Body(GeminiWords.Instance).Objects("instances").ToArray();
        if (instances.Length == 0)
            throw new RefusedException("* PredictRequest.instances: at least one instance is required\n", "instances");
        return UpstreamReply.Json(200, WireJson.Bytes((call, instances), static (json, asked) =>
        {
            json.WriteStartObject();
            json.WriteStartArray("predictions"u8);
            foreach (var instance in asked.instances)
                WritePrediction(json, instance, asked.call);
            json.WriteEndArray();
            json.WriteEndObject();
        }));
    }

    private static void WritePrediction(Utf8JsonWriter json, Fields instance, SimulatedCall call)
    {
        json.WriteStartObject();
        if (instance.Text("prompt") is { } prompt)
        {
            json.WriteString("mimeType"u8, "image/png"u8);
            json.WriteBase64String("bytesBase64Encoded"u8, SimulatedMedia.Png(Fingerprint.Of(prompt)));
        }
        else
        {
            var text = instance.RequiredText("content");
            json.WriteStartObject("embeddings"u8);
            json.WriteNumbers("values"u8, SimulatedVector.Of(text, KnownModels.DimensionsOf(call.Captured)));
            json.WriteStartObject("statistics"u8);
            json.WriteNumber("token_count"u8, SimulatedTokens.Count(text));
            json.WriteBoolean("truncated"u8, false);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    private static float[] Vector(Fields request, string model)
    {
        var turns = new List<Turn>();
        GeminiReader.Parts(request.Object("content") ?? throw request.Missing("content"), Speaker.User, turns);
        var size = request.Whole(request.NameOf("outputDimensionality"), 1, KnownModels.DimensionsOf(model)) ?? KnownModels.DimensionsOf(model);
        return SimulatedVector.Of(turns[0].Text, size);
    }

    private static void Write(Utf8JsonWriter json, float[] vector)
    {
        json.WriteStartObject();
        json.WriteNumbers("values"u8, vector);
        json.WriteEndObject();
    }
}
