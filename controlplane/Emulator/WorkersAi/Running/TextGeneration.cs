using System.Text.Json;
using GatewayOps.Emulator.Upstreams;
using GatewayOps.Emulator.Upstreams.OpenAi;
using GatewayOps.Emulator.Upstreams.Simulation;

namespace GatewayOps.Emulator.WorkersAi.Running;

/// <summary>A run of a text generation model, in the old shape (`response`) or the new one (a chat completion).</summary>
public static class TextGeneration
{
    /// <summary>How a chat completion of Workers AI differs from OpenAI's.</summary>
    public static readonly ChatFlavour Flavour = new() { ReasoningMember = "reasoning_content", UsageInLastChunk = true };

    public static AiOutcome Run(AiInput input)
    {
        var (model, request) = (input.Model, GenerationReader.Read(input.Fields, input.Model));
        if (request is { JsonMode: true, Stream: true } && !model.IsOpenAiShaped)
            throw new AiFailedException(AiFailure.JsonModeUnmet("streaming is not supported"));
        var answer = Answer(input, request.Conversation);
        var neurons = model.NeuronsFor(answer.Tokens.Prompt, answer.Tokens.Completion);
        var outcome = new AiOutcome(neurons) { Tokens = (answer.Tokens.Prompt, answer.Tokens.Completion) };
        if (request.Stream)
            return outcome with { Events = model.IsOpenAiShaped ? GenerationStream.Newer(input, answer, neurons) : GenerationStream.Of(answer, request, neurons) };
        return outcome with
        {
            Json = model.IsOpenAiShaped
                ? Completion(input, request, answer).Whole()
                : WireJson.Bytes((answer, request, neurons), static (json, one) => Write(json, one.answer, one.request, one.neurons)),
        };
    }

    /// <exception cref="AiFailedException">5021, where prompt and answer cannot fit the window together.</exception>
    public static Answer Answer(AiInput input, Conversation conversation)
    {
        var most = SimulatedModel.PromptTokens(conversation) + (conversation.MaxTokens ?? 0);
        if (most > input.Model.Window)
            throw new AiFailedException(AiFailure.WindowExceeded(most, input.Model.Window));
        try
        {
            return SimulatedModel.Answer(conversation, $"{GatewayProvider.WorkersAi}/{conversation.Model}");
        }
        catch (SchemaSampleException refused)
        {
            throw new AiFailedException(AiFailure.JsonModeUnmet(refused.Message));
        }
    }

    public static void WriteUsage(Utf8JsonWriter json, TokenTally tokens, double neurons)
    {
        json.WriteStartObject("usage"u8);
        json.WriteNumber("prompt_tokens"u8, tokens.Prompt);
        json.WriteNumber("completion_tokens"u8, tokens.Completion);
        json.WriteNumber("total_tokens"u8, tokens.Total);
        json.WriteStartObject("prompt_tokens_details"u8);
        json.WriteNumber("cached_tokens"u8, tokens.Cached);
        json.WriteEndObject();
        json.WriteNumber("neurons"u8, neurons);
        json.WriteEndObject();
    }

    public static void WriteCalls(Utf8JsonWriter json, IReadOnlyList<ToolCall> calls)
    {
        json.WriteStartArray("tool_calls"u8);
        foreach (var call in calls)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, call.Name);
            json.WritePropertyName("arguments"u8);
            json.WriteRawValue(call.Arguments, skipInputValidation: true);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, Answer answer, GenerationRequest request, double neurons)
    {
        json.WriteStartObject();
        if (request.JsonMode && answer.Ending == Ending.Complete)
        {
            json.WritePropertyName("response"u8);
            json.WriteRawValue(answer.Text, skipInputValidation: true);
        }
        else
        {
            json.WriteString("response"u8, answer.Text);
        }
        if (request.HasTools)
            WriteCalls(json, answer.Calls);
        WriteUsage(json, answer.Tokens, neurons);
        json.WriteEndObject();
    }

    private static ChatCompletion Completion(AiInput input, GenerationRequest request, Answer answer) => new(
        $"chatcmpl-{input.Digest[..29]}", input.Now, new ChatRequest(request.Conversation, request.Stream, IncludeUsage: false, Choices: 1, TopLogprobs: null), [answer], Flavour);
}
