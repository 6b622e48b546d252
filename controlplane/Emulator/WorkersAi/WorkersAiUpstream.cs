using System.Globalization;
using System.Text.Json;
using GatewayOps.Emulator.State;
using GatewayOps.Emulator.Upstreams;
using GatewayOps.Emulator.Upstreams.OpenAi;
using GatewayOps.Emulator.Upstreams.Responses;
using GatewayOps.Emulator.Upstreams.Simulation;
using GatewayOps.Emulator.WorkersAi.Catalogue;
using GatewayOps.Emulator.WorkersAi.Queue;
using GatewayOps.Emulator.WorkersAi.Running;
using Microsoft.AspNetCore.WebUtilities;

namespace GatewayOps.Emulator.WorkersAi;

/// <summary>
/// Workers AI, as the gateway reaches it: `{@cf/model}`, `run/{@cf/model}`, `run` with the model in the body, and OpenAI's addresses below `v1/`. The REST
/// API answers from the same place: see <see cref="AiEndpoints"/>.
/// </summary>
/// <param name="acceptedKeys">Tokens that it takes; null takes any that is not empty.</param>
public sealed class WorkersAiUpstream(ProviderKnowledge knowledge, EmulatorOptions options, EmulatorClock clock, EmulatorState state, IReadOnlyList<string>? acceptedKeys) : IUpstream
{
    private readonly AiRunner _runner = new(options);
    private readonly AiQueue _queue = new(new AiRunner(options), options, clock);

    public Task<UpstreamReply> SendAsync(UpstreamRequest request, CancellationToken cancellationToken) => Task.FromResult(Answer(request));

    private UpstreamReply Answer(UpstreamRequest request)
    {
        if (request.Credential() is not { } key || (acceptedKeys is not null && !acceptedKeys.Contains(key)))
            return AiErrors.Instance.Answer(new Refusal(RefusalKind.KeyRefused, ""), request);
        try
        {
            return request.Path switch
            {
                _ when request.Method != "POST" => throw new AiFailedException(AiFailure.InvalidModelId(Uri.UnescapeDataString(request.Path))),
                "v1/chat/completions" => Read(request, Chat),
                "v1/embeddings" => Read(request, Embed),
                "v1/responses" => Read(request, Respond),
                "run" => Read(request, RunNamed),
                var path => Run(request, Uri.UnescapeDataString(path.StartsWith("run/", StringComparison.Ordinal) ? path["run/".Length..] : path)),
            };
        }
        catch (AiFailedException failed)
        {
            return AiErrors.Answer(failed.Failure, request);
        }
        catch (RefusedException refused)
        {
            return AiErrors.Answer(BadInput(refused.Message), request);
        }
        catch (SchemaSampleException refused)
        {
            return AiErrors.Answer(AiFailure.JsonModeUnmet(refused.Message), request);
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: text that is no valid UTF-8 or a lone surrogate shows only when it is read.
            return AiErrors.Answer(BadInput("the body is not valid JSON"), request);
        }
    }

    private WorkersAiState Account => state.FindAccount(options.AccountId)!.WorkersAi;

    private long Now => clock.GetUtcNow().ToUnixTimeSeconds();

    private AiFailure BadInput(string description) => AiFailure.BadInput(options.Assumptions.WorkersAiBadInputCode, description);

    private static UpstreamReply Read(UpstreamRequest request, Func<UpstreamRequest, JsonElement, UpstreamReply> answer)
    {
        if (request.Body.Length == 0)
            throw new AiFailedException(AiFailure.Incomplete("body"));
        using var body = JsonDocument.Parse(request.Body);
        return answer(request, body.RootElement);
    }

    private UpstreamReply Run(UpstreamRequest request, string name)
    {
        var model = _runner.Find(name);
        if (request.Body.Length == 0)
            throw new AiFailedException(AiFailure.Incomplete("body"));
        // Audio and images may come as they are.
        if (request.Header("content-type") is { } type && !type.Contains("json", StringComparison.OrdinalIgnoreCase) && model.Task != AiTask.TextGeneration && request.Body.Span[0] != '{')
            return Reply(new AiInput(model, Json: null, request.Body, Fingerprint.Of(request.Body.Span), Now), agrees: false);
        using var body = JsonDocument.Parse(request.Body);
        var fields = Fields.Of(body.RootElement, "", AiWords.Instance);
        var input = new AiInput(model, fields, request.Body, Fingerprint.Of(request.Body.Span), Now);
        return IsQueued(request.Query) ? Enveloped(_queue.Answer(input, Account), neurons: null) : Reply(input, fields.Text("prompt") == "agree");
    }

    /// <summary>`{model, input, options}`.</summary>
    private UpstreamReply RunNamed(UpstreamRequest request, JsonElement body)
    {
        var fields = Fields.Of(body, "", AiWords.Instance);
        var model = _runner.Find(fields.RequiredText("model"));
        var inner = fields.RequiredObject("input");
        return Reply(new AiInput(model, inner, request.Body, Fingerprint.Of(request.Body.Span), Now), inner.Text("prompt") == "agree");
    }

    private UpstreamReply Reply(AiInput input, bool agrees)
    {
        _runner.Admit(input.Model, Account, agrees);
        var outcome = _runner.Run(input, Account);
        var neurons = Neurons(outcome.Neurons);
        if (outcome.Events is { } events)
            return events.ToReply(neurons);
        return outcome.Bytes is { } bytes ? UpstreamReply.Bytes(outcome.ContentType, bytes, neurons) : Enveloped(outcome.Json!, neurons);
    }

    private UpstreamReply Chat(UpstreamRequest request, JsonElement body)
    {
        var chat = ChatRequestReader.Read(Fields.Of(body, "", OpenAiWords.Instance), defaultModel: null);
        var (model, input) = Admitted(request, chat.Conversation.Model);
        var answers = new Answer[chat.Choices];
        for (var choice = 0; choice < answers.Length; choice++)
            answers[choice] = TextGeneration.Answer(input, chat.Conversation);
        answers[0] = answers[0] with { Tokens = knowledge.Prompts.Meet(chat.Conversation, answers[0].Tokens) };
        var completion = new ChatCompletion($"chatcmpl-{input.Digest[..29]}", input.Now, chat, answers, TextGeneration.Flavour);
        var tokens = ChatUsage.Sum(answers);
        var neurons = Spent(model, tokens.Prompt, tokens.Completion);
        return chat.Stream ? ChatStream.Of(completion).ToReply(neurons) : UpstreamReply.Json(200, completion.Whole(), neurons);
    }

    private UpstreamReply Respond(UpstreamRequest request, JsonElement body)
    {
        var asked = ResponsesReader.Read(Fields.Of(body, "", OpenAiWords.Instance), knowledge.Responses);
        var (model, input) = Admitted(request, asked.Conversation.Model);
        var response = new ResponseObject(input.Digest, input.Now, asked, TextGeneration.Answer(input, asked.Conversation));
        var neurons = Spent(model, response.Answer.Tokens.Prompt, response.Answer.Tokens.Completion);
        return asked.Stream ? ResponsesStream.Of(response).ToReply(neurons) : UpstreamReply.Json(200, WireJson.Bytes(response, static (json, one) => one.WriteFinished(json)), neurons);
    }

    private UpstreamReply Embed(UpstreamRequest request, JsonElement body)
    {
        var fields = Fields.Of(body, "", OpenAiWords.Instance);
        var model = _runner.Find(fields.RequiredText("model"));
        if (model.Task != AiTask.TextEmbeddings)
            throw new AiFailedException(AiFailure.NoSuchModel(model.Name));
        _runner.Admit(model, Account, agrees: false);
        var (json, tokens) = Embeddings.Answer(fields, model.Name, model.Dimensions);
        return UpstreamReply.Json(200, json, Spent(model, tokens, 0));
    }

    private (AiModel Model, AiInput Input) Admitted(UpstreamRequest request, string name)
    {
        var model = _runner.Find(name);
        if (model.Task != AiTask.TextGeneration)
            throw new AiFailedException(AiFailure.NoSuchModel(name));
        _runner.Admit(model, Account, agrees: false);
        return (model, new AiInput(model, Json: null, request.Body, Fingerprint.Of(request.Body.Span), Now));
    }

    private KeyValuePair<string, string> Spent(AiModel model, int tokensIn, int tokensOut)
    {
        var neurons = model.NeuronsFor(tokensIn, tokensOut);
        Account.Spend(neurons);
        return Neurons(neurons);
    }

    private static KeyValuePair<string, string> Neurons(double neurons) => new("cf-ai-neurons", neurons.ToString("0.00##", CultureInfo.InvariantCulture));

    private static UpstreamReply Enveloped(byte[] result, KeyValuePair<string, string>? neurons) => UpstreamReply.Json(200, WireJson.Bytes(result, static (json, result) =>
    {
        json.WriteStartObject();
        json.WritePropertyName("result"u8);
        json.WriteRawValue(result, skipInputValidation: true);
        json.WriteBoolean("success"u8, true);
        json.WriteStartArray("errors"u8);
        json.WriteEndArray();
        json.WriteStartArray("messages"u8);
        json.WriteEndArray();
        json.WriteEndObject();
    }), neurons is { } header ? [header] : []);

    private static bool IsQueued(string query)
    {
        foreach (var pair in new QueryStringEnumerable(query))
            if (pair.DecodeName().Span.SequenceEqual("queueRequest"))
                return pair.DecodeValue().Span.Equals("true", StringComparison.OrdinalIgnoreCase);
        return false;
    }
}
