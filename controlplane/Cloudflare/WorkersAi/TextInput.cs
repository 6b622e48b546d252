using System.Text;
using System.Text.Json.Nodes;

namespace GatewayOps.Cloudflare.WorkersAi;

/// <summary>
/// What a text model is asked: a prompt, or messages as `{"role":"user","content":"…"}`. What is null is left to the model. `ResponseFormat` is `{"type":"json_object"}` or
/// `{"type":"json_schema","json_schema":{…}}`. Prompts are not part of ToString. Source: Cloudflare contract, section 16.
/// </summary>
public sealed record TextInput
{
    public string? Prompt { get; init; }
    public IReadOnlyList<JsonObject> Messages { get; init; } = [];
    public int? MaxTokens { get; init; }
    public double? Temperature { get; init; }
    public double? TopP { get; init; }
    public int? TopK { get; init; }
    public long? Seed { get; init; }
    public double? RepetitionPenalty { get; init; }
    public double? FrequencyPenalty { get; init; }
    public double? PresencePenalty { get; init; }
    public bool? Raw { get; init; }
    public string? Lora { get; init; }
    public JsonObject? ResponseFormat { get; init; }
    public IReadOnlyList<JsonObject> Tools { get; init; } = [];

    /// <summary>Members of the input that this type does not know.</summary>
    public JsonObject More { get; init; } = [];

    public static TextInput OfPrompt(string prompt) => new() { Prompt = prompt };

    public static TextInput OfUser(string text) => new() { Messages = [new JsonObject { ["role"] = "user", ["content"] = text }] };

    internal JsonObject ToJson()
    {
        if ((Prompt is null) == (Messages.Count == 0)) throw new InvalidOperationException("an input has a prompt or messages, and not both");
        var input = More.DeepClone().AsObject();
        void Add(string name, JsonNode? value)
        {
            if (value is not null) input[name] = value;
        }
        Add("prompt", Prompt);
        Add("messages", Array(Messages));
        Add("max_tokens", MaxTokens);
        Add("temperature", Temperature);
        Add("top_p", TopP);
        Add("top_k", TopK);
        Add("seed", Seed);
        Add("repetition_penalty", RepetitionPenalty);
        Add("frequency_penalty", FrequencyPenalty);
        Add("presence_penalty", PresencePenalty);
        Add("raw", Raw);
        Add("lora", Lora);
        Add("response_format", ResponseFormat?.DeepClone());
        Add("tools", Array(Tools));
        return input;
    }

    private static JsonArray? Array(IReadOnlyList<JsonObject> items) => items.Count == 0 ? null : new([.. items.Select(item => item.DeepClone())]);

    private bool PrintMembers(StringBuilder text)
    {
        text.Append($"Messages = {Messages.Count}, MaxTokens = {MaxTokens}, Temperature = {Temperature}, Tools = {Tools.Count}");
        return true;
    }
}
