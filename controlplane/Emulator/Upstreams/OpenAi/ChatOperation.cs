using GatewayOps.Emulator.Upstreams.Simulation;

namespace GatewayOps.Emulator.Upstreams.OpenAi;

/// <summary>POST chat/completions, of OpenAI and of everybody who speaks its dialect.</summary>
public static class ChatOperation
{
    public static Operation At(string path, ErrorDialect? errors = null, ChatFlavour? flavour = null) =>
        new("POST", path, errors ?? OpenAiErrors.OpenAi, call => Answer(call, flavour ?? ChatFlavour.OpenAi));

    private static UpstreamReply Answer(SimulatedCall call, ChatFlavour flavour)
    {
        var request = ChatRequestReader.Read(call.Body(OpenAiWords.Instance), DeploymentOf(call));
        var answers = new Answer[request.Choices];
        for (var choice = 0; choice < answers.Length; choice++)
            answers[choice] = call.Answer(request.Conversation, choice);
        answers[0] = answers[0] with { Tokens = call.Provider.Prompts.Meet(request.Conversation, answers[0].Tokens) };

        var completion = new ChatCompletion($"chatcmpl-{call.Digest[..29]}", call.Now, request, answers, flavour);
        KeyValuePair<string, string> id = new("x-request-id", $"req_{call.Digest[..32]}");
        return request.Stream ? ChatStream.Of(completion).ToReply(id) : UpstreamReply.Json(200, completion.Whole(), id);
    }

    /// <summary>Azure names the model by its deployment: `{resource}/{deployment}/chat/completions`.</summary>
    internal static string? DeploymentOf(SimulatedCall call) =>
        call.Slug == GatewayProvider.AzureOpenAi && call.Request.Path.Split('/') is [_, { Length: > 0 } deployment, _, ..] ? Uri.UnescapeDataString(deployment) : null;
}
