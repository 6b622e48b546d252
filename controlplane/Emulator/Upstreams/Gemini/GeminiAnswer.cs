using System.Text.Json;
using GatewayOps.Emulator.Upstreams.Simulation;

namespace GatewayOps.Emulator.Upstreams.Gemini;

/// <summary>Answers as a `GenerateContentResponse`: whole, or in the pieces of a stream, each of which is one.</summary>
public sealed record GeminiAnswer(string Digest, GeminiRequest Request, IReadOnlyList<Answer> Answers)
{
    public byte[] Whole() => WireJson.Bytes(this, static (json, all) =>
    {
        json.WriteStartObject();
        json.WriteStartArray("candidates"u8);
        for (var index = 0; index < all.Answers.Count; index++)
            all.WriteCandidate(json, index);
        json.WriteEndArray();
        all.WriteRest(json, all.TokensSaid());
        json.WriteEndObject();
    });

    /// <summary>The bodies of the events, in their order: thoughts, text, then the reason with the last of it.</summary>
    public IEnumerable<(ReadOnlyMemory<char> Text, bool IsThought, bool IsLast, int Said)> Pieces()
    {
        var answer = Answers[0];
        var said = 0;
        if (Request.ShowsThoughts && answer.Reasoning.Length > 0)
            yield return (answer.Reasoning.AsMemory(), true, false, said);
        if (answer.CallsTools || answer.Text.Length == 0)
        {
            yield return (default, false, true, answer.Tokens.Completion - answer.Tokens.Reasoning);
            yield break;
        }
        // A few tokens to an event, as Gemini streams.
        const int step = 4;
        for (var start = 0; start < answer.Text.Length;)
        {
            var length = SimulatedTokens.LengthOf(answer.Text.AsSpan(start), step);
            said += SimulatedTokens.Count(answer.Text.AsSpan(start, length));
            yield return (answer.Text.AsMemory(start, length), false, start + length == answer.Text.Length, said);
            start += length;
        }
    }

    public void WritePiece(Utf8JsonWriter json, ReadOnlySpan<char> text, bool isThought, bool isLast, int said)
    {
        var answer = Answers[0];
        json.WriteStartObject();
        json.WriteStartArray("candidates"u8);
        json.WriteStartObject();
        json.WriteStartObject("content"u8);
        json.WriteStartArray("parts"u8);
        if (isLast && answer.CallsTools)
            WriteCalls(json, answer);
        else
            WriteText(json, text, isThought);
        json.WriteEndArray();
        json.WriteString("role"u8, "model"u8);
        json.WriteEndObject();
        if (isLast)
            json.WriteString("finishReason"u8, FinishReason(answer.Ending));
        json.WriteNumber("index"u8, 0);
        json.WriteEndObject();
        json.WriteEndArray();
        WriteRest(json, said);
        json.WriteEndObject();
    }

    private void WriteCandidate(Utf8JsonWriter json, int index)
    {
        var answer = Answers[index];
        json.WriteStartObject();
        json.WriteStartObject("content"u8);
        json.WriteStartArray("parts"u8);
        if (Request.ShowsThoughts && answer.Reasoning.Length > 0)
            WriteText(json, answer.Reasoning, isThought: true);
        if (answer.CallsTools)
            WriteCalls(json, answer);
        else
            WriteText(json, answer.Text, isThought: false);
        json.WriteEndArray();
        json.WriteString("role"u8, "model"u8);
        json.WriteEndObject();
        json.WriteString("finishReason"u8, FinishReason(answer.Ending));
        json.WriteNumber("index"u8, index);
        json.WriteEndObject();
    }

    private int TokensSaid() => Answers.Sum(answer => answer.Tokens.Completion - answer.Tokens.Reasoning);

    private void WriteRest(Utf8JsonWriter json, int said)
    {
        var tokens = Answers[0].Tokens;
        json.WriteStartObject("usageMetadata"u8);
        json.WriteNumber("promptTokenCount"u8, tokens.Prompt);
        json.WriteNumber("candidatesTokenCount"u8, said);
        json.WriteNumber("totalTokenCount"u8, tokens.Prompt + said + tokens.Reasoning);
        if (tokens.Cached > 0)
            json.WriteNumber("cachedContentTokenCount"u8, tokens.Cached);
        json.WriteStartArray("promptTokensDetails"u8);
        json.WriteStartObject();
        json.WriteString("modality"u8, "TEXT"u8);
        json.WriteNumber("tokenCount"u8, tokens.Prompt);
        json.WriteEndObject();
        json.WriteEndArray();
        if (tokens.Reasoning > 0)
            json.WriteNumber("thoughtsTokenCount"u8, tokens.Reasoning);
        json.WriteEndObject();
        json.WriteString("modelVersion"u8, Request.Conversation.Model);
        json.WriteString("responseId"u8, Digest[..22]);
    }

    private static void WriteText(Utf8JsonWriter json, ReadOnlySpan<char> text, bool isThought)
    {
        json.WriteStartObject();
        json.WriteString("text"u8, text);
        if (isThought)
            json.WriteBoolean("thought"u8, true);
        json.WriteEndObject();
    }

    private static void WriteCalls(Utf8JsonWriter json, Answer answer)
    {
        foreach (var call in answer.Calls)
        {
            json.WriteStartObject();
            json.WriteStartObject("functionCall"u8);
            json.WriteString("name"u8, call.Name);
            json.WritePropertyName("args"u8);
            json.WriteRawValue(call.Arguments, skipInputValidation: true);
            json.WriteEndObject();
            json.WriteEndObject();
        }
    }

    // A stop sequence and a function call end an answer like its own end does.
    private static ReadOnlySpan<byte> FinishReason(Ending ending) => ending == Ending.Length ? "MAX_TOKENS"u8 : "STOP"u8;
}
