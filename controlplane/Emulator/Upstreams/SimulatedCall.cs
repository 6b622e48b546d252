using System.Text.Json;
using GatewayOps.Emulator.Upstreams.Simulation;
using Microsoft.AspNetCore.WebUtilities;

namespace GatewayOps.Emulator.Upstreams;

/// <summary>One request at a simulated provider.</summary>
/// <param name="request">As the gateway sent it.</param>
/// <param name="json">The body, parsed once; undefined where an operation reads none.</param>
/// <param name="captured">What stood in the place of the `*` of the operation's path, decoded; empty where it has none.</param>
/// <param name="provider">What the provider knows and remembers.</param>
public sealed class SimulatedCall(UpstreamRequest request, JsonElement json, string captured, ProviderKnowledge provider)
{
    private string? _digest;

    public UpstreamRequest Request => request;

    public JsonElement Json => json;

    public string Captured => captured;

    public ProviderKnowledge Provider => provider;

    public string Slug => request.Provider.Slug;

    /// <summary>64 hexadecimal digits that follow from the body alone: the source of every id, so that equal requests get equal answers.</summary>
    public string Digest => _digest ??= Fingerprint.Of(request.Body.Span);

    /// <summary>Unix seconds.</summary>
    public long Now => provider.Time.GetUtcNow().ToUnixTimeSeconds();

    public Fields Body(FieldWords words) => Fields.Of(json, "", words);

    public string? Query(string name)
    {
        foreach (var pair in new QueryStringEnumerable(request.Query))
            if (pair.DecodeName().Span.SequenceEqual(name))
                return pair.DecodeValue().ToString();
        return null;
    }

    /// <exception cref="RefusedException">The provider has no such model, or the prompt does not fit its context window.</exception>
    public Answer Answer(Conversation conversation, int choice = 0)
    {
        provider.RequireModel(conversation.Model);
        var answer = SimulatedModel.Answer(conversation, $"{Slug}/{conversation.Model}", choice);
        var window = provider.WindowOf(conversation.Model);
        return answer.Tokens.Prompt <= window
            ? answer
            : throw new RefusedException(new Refusal(
                RefusalKind.ContextExceeded, conversation.Model, "messages", "context_length_exceeded", Tokens: (answer.Tokens.Prompt, window)));
    }
}
