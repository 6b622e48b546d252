using System.Text.Json;
using GatewayOps.Emulator.Upstreams.Simulation;

namespace GatewayOps.Emulator.Upstreams.OpenAi;

/// <summary>`usage` of chat completions.</summary>
public static class ChatUsage
{
    /// <summary>The prompt counts once, whatever the number of answers; so does the thinking.</summary>
    public static TokenTally Sum(IReadOnlyList<Answer> answers)
    {
        var first = answers[0].Tokens;
        var completion = first.Completion;
        for (var at = 1; at < answers.Count; at++)
            completion += answers[at].Tokens.Completion - answers[at].Tokens.Reasoning;
        return first with { Completion = completion };
    }

    public static void Write(Utf8JsonWriter json, TokenTally tokens, ChatFlavour flavour)
    {
        json.WriteStartObject();
        json.WriteNumber("prompt_tokens"u8, tokens.Prompt);
        json.WriteNumber("completion_tokens"u8, tokens.Completion);
        json.WriteNumber("total_tokens"u8, tokens.Total);
        json.WriteStartObject("prompt_tokens_details"u8);
        json.WriteNumber("cached_tokens"u8, tokens.Cached);
        json.WriteNumber("audio_tokens"u8, 0);
        json.WriteEndObject();
        json.WriteStartObject("completion_tokens_details"u8);
        json.WriteNumber("reasoning_tokens"u8, tokens.Reasoning);
        json.WriteNumber("audio_tokens"u8, 0);
        json.WriteNumber("accepted_prediction_tokens"u8, 0);
        json.WriteNumber("rejected_prediction_tokens"u8, 0);
        json.WriteEndObject();
        if (flavour.CountsCacheHits)
        {
            json.WriteNumber("prompt_cache_hit_tokens"u8, tokens.Cached);
            json.WriteNumber("prompt_cache_miss_tokens"u8, tokens.Prompt - tokens.Cached);
        }
        json.WriteEndObject();
    }
}
