using System.Text;
using System.Text.Json;
using GatewayOps.Emulator.Upstreams.Simulation;

namespace GatewayOps.Emulator.Upstreams.OpenAi;

/// <summary>`logprobs` of an answer: every token was nearly certain, and there was no other candidate.</summary>
public static class ChatLogprobs
{
    private const double NearlyCertain = -0.01;

    /// <param name="top">Candidates asked for at each place; the simulator has one.</param>
    public static void Write(Utf8JsonWriter json, ReadOnlySpan<char> text, int top)
    {
        json.WriteStartObject();
        json.WriteStartArray("content"u8);
        WriteTokens(json, text, top);
        json.WriteEndArray();
        json.WriteNull("refusal"u8);
        json.WriteEndObject();
    }

    /// <summary>The elements alone: Responses has them in an array of its own.</summary>
    public static void WriteTokens(Utf8JsonWriter json, ReadOnlySpan<char> text, int top)
    {
        foreach (var token in SimulatedTokens.Split(text))
        {
            json.WriteStartObject();
            WriteToken(json, token);
            json.WriteStartArray("top_logprobs"u8);
            if (top > 0)
            {
                json.WriteStartObject();
                WriteToken(json, token);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
    }

    private static void WriteToken(Utf8JsonWriter json, ReadOnlySpan<char> token)
    {
        json.WriteString("token"u8, token);
        json.WriteNumber("logprob"u8, NearlyCertain);
        json.WriteStartArray("bytes"u8);
        foreach (var one in Encoding.UTF8.GetBytes(token.ToArray()))
            json.WriteNumberValue(one);
        json.WriteEndArray();
    }
}
