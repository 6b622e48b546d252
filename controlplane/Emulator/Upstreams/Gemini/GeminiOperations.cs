using System.Text;
using System.Text.Json;
using GatewayOps.Emulator.Upstreams.Simulation;

namespace GatewayOps.Emulator.Upstreams.Gemini;

/// <summary>The Gemini API: generateContent, streamed as events or as one growing array, countTokens, embeddings, models.</summary>
public static class GeminiOperations
{
    /// <param name="models">The folder of the models: `v1beta/models/`, `**/publishers/google/models/`.</param>
    public static IEnumerable<Operation> At(string models)
    {
        yield return new("POST", models + "*:generateContent", GeminiErrors.Instance, Generate);
        yield return new("POST", models + "*:streamGenerateContent", GeminiErrors.Instance, Stream);
        yield return new("POST", models + "*:countTokens", GeminiErrors.Instance, CountTokens);
        yield return new("POST", models + "*:embedContent", GeminiErrors.Instance, GeminiEmbeddings.One);
        yield return new("POST", models + "*:batchEmbedContents", GeminiErrors.Instance, GeminiEmbeddings.Batch);
        yield return new("POST", models + "*:predict", GeminiErrors.Instance, GeminiEmbeddings.Predict);
    }

    private static UpstreamReply Generate(SimulatedCall call) => UpstreamReply.Json(200, Answer(call).Whole());

    private static UpstreamReply Stream(SimulatedCall call)
    {
        var answer = Answer(call);
        return call.Query("alt") == "sse" ? Events(answer) : GrowingArray(answer);
    }

    private static GeminiAnswer Answer(SimulatedCall call)
    {
        var request = GeminiReader.Read(call.Body(GeminiWords.Instance), call.Captured);
        var answers = new Answer[request.Candidates];
        for (var index = 0; index < answers.Length; index++)
            answers[index] = call.Answer(request.Conversation, index);
        answers[0] = answers[0] with { Tokens = call.Provider.Prompts.Meet(request.Conversation, answers[0].Tokens) };
        return new GeminiAnswer(call.Digest, request, answers);
    }

    private static UpstreamReply Events(GeminiAnswer answer)
    {
        var events = new EventStream("\r\n");
        foreach (var piece in answer.Pieces())
            events.Write((answer, piece), static (json, one) => one.answer.WritePiece(json, one.piece.Text.Span, one.piece.IsThought, one.piece.IsLast, one.piece.Said));
        return events.ToReply();
    }

    /// <summary>`[{…},{…}]`: the form without `alt=sse`. One element to a piece.</summary>
    private static UpstreamReply GrowingArray(GeminiAnswer answer)
    {
        var pieces = new List<ReadOnlyMemory<byte>>();
        foreach (var piece in answer.Pieces())
        {
            var json = WireJson.Bytes((answer, piece), static (json, one) => one.answer.WritePiece(json, one.piece.Text.Span, one.piece.IsThought, one.piece.IsLast, one.piece.Said));
            pieces.Add(Encoding.UTF8.GetBytes((pieces.Count == 0 ? "[" : ",\r\n") + Encoding.UTF8.GetString(json) + (piece.IsLast ? "]\n" : "\n")));
        }
        return UpstreamReply.Pieces("application/json; charset=UTF-8", pieces);
    }

    private static UpstreamReply CountTokens(SimulatedCall call)
    {
        call.Provider.RequireModel(call.Captured);
        var body = call.Body(GeminiWords.Instance);
        var turns = new List<Turn>();
        if (body.ObjectOf("generateContentRequest") is { } whole)
            GeminiReader.Contents(whole, turns);
        else
            GeminiReader.Contents(body, turns);
        return UpstreamReply.Json(200, WireJson.Bytes(turns.Sum(turn => SimulatedModel.TokensOf(turn)), static (json, tokens) =>
        {
            json.WriteStartObject();
            json.WriteNumber("totalTokens"u8, tokens);
            json.WriteStartArray("promptTokensDetails"u8);
            json.WriteStartObject();
            json.WriteString("modality"u8, "TEXT"u8);
            json.WriteNumber("tokenCount"u8, tokens);
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }));
    }
}
