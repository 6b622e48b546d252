using System.Text.Json;
using GatewayOps.Emulator.Upstreams.Simulation;

namespace GatewayOps.Emulator.Upstreams.OpenAi;

/// <summary>POST completions: the legacy API, which continues one prompt or several.</summary>
public static class TextCompletion
{
    private const int MostChoices = 128;

    public static Operation At(string path, ErrorDialect? errors = null) => new("POST", path, errors ?? OpenAiErrors.OpenAi, Answer);

    private static UpstreamReply Answer(SimulatedCall call)
    {
        var body = call.Body(OpenAiWords.Instance);
        var model = body.Text("model") ?? ChatOperation.DeploymentOf(call) ?? throw body.Missing("model");
        var prompts = Prompts(body);
        var choices = body.Whole("n", 1, MostChoices) ?? 1;
        var echo = body.Flag("echo") ?? false;
        var answers = new List<Answer>();
        foreach (var prompt in prompts)
        {
            var conversation = new Conversation
            {
                Model = model,
                Turns = [new Turn(Speaker.User, prompt)],
                MaxTokens = body.Whole("max_tokens", least: 1) ?? 16, // the API's own default
                Stops = body.TextOrTexts("stop"),
                Thinks = false,
            };
            for (var choice = 0; choice < choices; choice++)
            {
                var answer = call.Answer(conversation, choice);
                answers.Add(echo ? answer with { Text = prompt + answer.Text } : answer);
            }
        }
        // A prompt of this API has no message around it, and each counts once.
        var tokens = new TokenTally(prompts.Sum(prompt => SimulatedTokens.Count(prompt)), answers.Sum(answer => answer.Tokens.Completion));
        var completion = new Written($"cmpl-{call.Digest[..29]}", call.Now, model, answers, tokens, body.Whole("logprobs", 0, 5));
        KeyValuePair<string, string> id = new("x-request-id", $"req_{call.Digest[..32]}");
        return body.Flag("stream") ?? false
            ? Stream(completion, body.Object("stream_options")?.Flag("include_usage") ?? false).ToReply(id)
            : UpstreamReply.Json(200, WireJson.Bytes(completion, static (json, whole) => whole.WriteWhole(json)), id);
    }

    private static IReadOnlyList<string> Prompts(Fields body)
    {
        if (!body.Has("prompt", out var prompt))
            return ["<|endoftext|>"];
        var inputs = TextInputs.Read(prompt, "prompt", body.Words);
        return inputs.Count > 0 ? inputs : throw body.Words.Empty("prompt");
    }

    private static EventStream Stream(Written completion, bool includeUsage)
    {
        var events = new EventStream();
        for (var index = 0; index < completion.Answers.Count; index++)
        {
            var (answer, start) = (completion.Answers[index], 0);
            foreach (var piece in SimulatedTokens.Split(answer.Text))
            {
                events.Write((completion, index, text: answer.Text.AsMemory(start, piece.Length)), static (json, one) => one.completion.WriteChunk(json, one.index, one.text.Span, null));
                start += piece.Length;
            }
            events.Write((completion, index, answer.Ending), static (json, one) => one.completion.WriteChunk(json, one.index, "", one.Ending));
        }
        if (includeUsage)
            events.Write(completion, static (json, one) => one.WriteUsageChunk(json));
        events.Done();
        return events;
    }

    private sealed record Written(string Id, long Created, string Model, IReadOnlyList<Answer> Answers, TokenTally Tokens, int? Logprobs)
    {
        public void WriteWhole(Utf8JsonWriter json)
        {
            Open(json);
            for (var index = 0; index < Answers.Count; index++)
                WriteChoice(json, index, Answers[index].Text, Answers[index].Ending);
            json.WriteEndArray();
            json.WritePropertyName("usage"u8);
            ChatUsage.Write(json, Tokens, ChatFlavour.OpenAi);
            json.WriteEndObject();
        }

        public void WriteChunk(Utf8JsonWriter json, int index, ReadOnlySpan<char> text, Ending? ending)
        {
            Open(json);
            WriteChoice(json, index, text, ending);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        public void WriteUsageChunk(Utf8JsonWriter json)
        {
            Open(json);
            json.WriteEndArray();
            json.WritePropertyName("usage"u8);
            ChatUsage.Write(json, Tokens, ChatFlavour.OpenAi);
            json.WriteEndObject();
        }

        private void Open(Utf8JsonWriter json)
        {
            json.WriteStartObject();
            json.WriteString("id"u8, Id);
            json.WriteString("object"u8, "text_completion"u8);
            json.WriteNumber("created"u8, Created);
            json.WriteString("model"u8, Model);
            json.WriteStartArray("choices"u8);
        }

        private void WriteChoice(Utf8JsonWriter json, int index, ReadOnlySpan<char> text, Ending? ending)
        {
            json.WriteStartObject();
            json.WriteString("text"u8, text);
            json.WriteNumber("index"u8, index);
            json.WritePropertyName("logprobs"u8);
            WriteLogprobs(json, text);
            if (ending is { } end)
                json.WriteString("finish_reason"u8, ChatCompletion.FinishReason(end));
            else
                json.WriteNull("finish_reason"u8);
            json.WriteEndObject();
        }

        private void WriteLogprobs(Utf8JsonWriter json, ReadOnlySpan<char> text)
        {
            if (Logprobs is null)
            {
                json.WriteNullValue();
                return;
            }
            json.WriteStartObject();
            json.WriteStartArray("tokens"u8);
            foreach (var token in SimulatedTokens.Split(text))
                json.WriteStringValue(token);
            json.WriteEndArray();
            json.WriteStartArray("token_logprobs"u8);
            foreach (var _ in SimulatedTokens.Split(text))
                json.WriteNumberValue(-0.01);
            json.WriteEndArray();
            json.WriteStartArray("text_offset"u8);
            var offset = 0;
            foreach (var token in SimulatedTokens.Split(text))
            {
                json.WriteNumberValue(offset);
                offset += token.Length;
            }
            json.WriteEndArray();
            json.WriteNull("top_logprobs"u8);
            json.WriteEndObject();
        }
    }
}
