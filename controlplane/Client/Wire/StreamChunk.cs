using System.Text;
using System.Text.Json;

namespace GatewayOps.Client.Wire;

/// <summary>One event of a streamed chat completion, read without a tree: a stream may have hundreds of thousands.</summary>
internal struct StreamChunk
{
    public string? Text;
    public string? Thought;
    public string? Refusal;
    public string? FinishReason;
    public List<CallPiece>? Calls;
    public JsonElement Usage;
    public JsonElement Error;
    public bool IsEnd;
    public string? Id;
    public string? Model;
    public long? Created;

    /// <param name="data">An event's data.</param>
    /// <param name="known">What the events before said: texts that repeat are not made again.</param>
    public static StreamChunk Read(ReadOnlySpan<byte> data, ChunkMemory known)
    {
        var chunk = new StreamChunk();
        if (data.SequenceEqual("[DONE]"u8))
        {
            chunk.IsEnd = true;
            return chunk;
        }
        var reader = new Utf8JsonReader(data);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) throw new JsonException("an event is an object");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("choices"u8)) ReadChoices(ref reader, ref chunk, known);
            else if (reader.ValueTextEquals("usage"u8)) chunk.Usage = Value(ref reader);
            else if (reader.ValueTextEquals("error"u8)) chunk.Error = Value(ref reader);
            else if (reader.ValueTextEquals("id"u8)) chunk.Id = known.Id = Repeated(ref reader, known.Id);
            else if (reader.ValueTextEquals("model"u8)) chunk.Model = known.Model = Repeated(ref reader, known.Model);
            else if (reader.ValueTextEquals("created"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var seconds)) chunk.Created = seconds;
                else reader.Skip();
            }
            else Pass(ref reader);
        }
        return chunk;
    }

    private static void ReadChoices(ref Utf8JsonReader reader, ref StreamChunk chunk, ChunkMemory known)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return;
        }
        for (var first = true; reader.Read() && reader.TokenType != JsonTokenType.EndArray; first = false)
        {
            // One choice is asked for; more would be other answers to the same.
            if (!first || reader.TokenType != JsonTokenType.StartObject)
            {
                reader.Skip();
                continue;
            }
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("delta"u8)) ReadDelta(ref reader, ref chunk);
                else if (reader.ValueTextEquals("finish_reason"u8)) chunk.FinishReason = Repeated(ref reader, known.FinishReason);
                else Pass(ref reader);
            }
        }
    }

    private static void ReadDelta(ref Utf8JsonReader reader, ref StreamChunk chunk)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("content"u8)) chunk.Text = TextOf(ref reader);
            else if (reader.ValueTextEquals("reasoning_content"u8) || reader.ValueTextEquals("reasoning"u8)) chunk.Thought = TextOf(ref reader) ?? chunk.Thought;
            else if (reader.ValueTextEquals("refusal"u8)) chunk.Refusal = TextOf(ref reader);
            else if (reader.ValueTextEquals("tool_calls"u8)) chunk.Calls = CallPiece.ReadAll(Value(ref reader));
            else Pass(ref reader);
        }
    }

    private static JsonElement Value(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.TokenType == JsonTokenType.Null ? default : JsonElement.ParseValue(ref reader);
    }

    private static string? TextOf(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String) return reader.GetString();
        reader.Skip();
        return null;
    }

    private static string? Repeated(ref Utf8JsonReader reader, string? known)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.String)
        {
            reader.Skip();
            return null;
        }
        return known is not null && reader.ValueTextEquals(known) ? known : reader.GetString();
    }

    private static void Pass(ref Utf8JsonReader reader)
    {
        reader.Read();
        reader.Skip();
    }
}

/// <summary>What repeats in every event of a stream.</summary>
internal sealed class ChunkMemory
{
    public string? Id;
    public string? Model;
    public string? FinishReason = "stop";
}

/// <summary>A piece of a function's call; the pieces of one call have its index.</summary>
internal readonly record struct CallPiece(int Index, string? Id, string? Name, string Arguments)
{
    public static List<CallPiece>? ReadAll(JsonElement calls)
    {
        if (calls.ValueKind != JsonValueKind.Array) return null;
        var pieces = new List<CallPiece>();
        foreach (var call in calls.EnumerateArray())
        {
            var function = call.MemberOf("function");
            pieces.Add(new((int)(call.NumberOf("index") ?? pieces.Count), call.StringOf("id"), function.StringOf("name"), JsonText.ArgumentsOf(function)));
        }
        return pieces;
    }
}

/// <summary>Calls as their pieces come.</summary>
internal sealed class CallPieces
{
    private readonly SortedDictionary<int, (string? Id, string? Name, StringBuilder Arguments)> _calls = [];

    public void Add(CallPiece piece)
    {
        var call = _calls.TryGetValue(piece.Index, out var known) ? known : (null, null, new StringBuilder());
        call.Arguments.Append(piece.Arguments);
        _calls[piece.Index] = (call.Id ?? piece.Id, call.Name ?? piece.Name, call.Arguments);
    }

    public IEnumerable<Microsoft.Extensions.AI.FunctionCallContent> Whole() => _calls.Select(call => JsonText.Call(call.Value.Id ?? $"call_{call.Key}", call.Value.Name ?? "", call.Value.Arguments.ToString()));
}
