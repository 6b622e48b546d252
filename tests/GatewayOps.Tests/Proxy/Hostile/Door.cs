using System.Text.Json;

namespace GatewayOps.Tests.Proxy.Hostile;

/// <summary>One address of the proxy that takes a body: a request that it takes, and how it words an error.</summary>
/// <param name="Operation">What of the body is forwarded: all but what routing changes, or nothing that could be compared.</param>
internal sealed record Door(string Name, string Path, string Valid, ErrorShape Errors, Forwarding Operation)
{
    private const string Gateway = "/v1/test-account/openai-compat";
    private const string Chat = """{"model":"gpt-4o-mini","messages":[{"role":"user","content":"x"}]}""";
    private const string Messages = """{"model":"claude-sonnet-4-5","max_tokens":9,"messages":[{"role":"user","content":"x"}]}""";

    public static IReadOnlyList<Door> All { get; } =
    [
        new("chat", "/v1/chat/completions", Chat, ErrorShape.OpenAi, Forwarding.AsItCame),
        new("completions", "/v1/completions", """{"model":"gpt-3.5-turbo-instruct","prompt":"x"}""", ErrorShape.OpenAi, Forwarding.AsItCame),
        new("completions through chat", "/v1/completions", """{"model":"groq/llama-3-70b","prompt":"x"}""", ErrorShape.OpenAi, Forwarding.Translated),
        new("embeddings", "/v1/embeddings", """{"model":"text-embedding-3-small","input":"x"}""", ErrorShape.OpenAi, Forwarding.AsItCame),
        new("responses", "/v1/responses", """{"model":"gpt-4o-mini","input":"x"}""", ErrorShape.OpenAi, Forwarding.AsItCame),
        new("messages", "/v1/messages", Messages, ErrorShape.Anthropic, Forwarding.AsItCame),
        new("tokenize", "/v1/tokenize", """{"model":"gpt-4o","input":"x"}""", ErrorShape.OpenAi, Forwarding.Nothing),
        new("route-check", "/v1/route-check", Chat, ErrorShape.OpenAi, Forwarding.Nothing),
        new("provider's address", $"{Gateway}/openai/v1/chat/completions", Chat, ErrorShape.OpenAi, Forwarding.AsItCame),
        new("compat", $"{Gateway}/compat/chat/completions", Chat, ErrorShape.OpenAi, Forwarding.AsItCame),
        new("anthropic's address", $"{Gateway}/anthropic/v1/messages", Messages, ErrorShape.Anthropic, Forwarding.AsItCame),
        new("ai/run", "/client/v4/accounts/test-account/ai/run/@cf/meta/llama-3-8b-instruct", """{"prompt":"x"}""", ErrorShape.Cloudflare, Forwarding.AsItCame),
        new("workers-ai's address", $"{Gateway}/workers-ai/@cf/meta/llama-3-8b-instruct", """{"prompt":"x"}""", ErrorShape.Cloudflare, Forwarding.AsItCame),
        new("provider's own path", $"{Gateway}/openai/images/generations", """{"prompt":"x"}""", ErrorShape.OpenAi, Forwarding.Blindly),
    ];

    public static TheoryData<string> Names => [.. All.Select(door => door.Name)];

    public static Door Of(string name) => All.Single(door => door.Name == name);

    /// <summary>The valid request with one member set, or added, to a value that is written as it stands.</summary>
    public string With(string member, string value)
    {
        using var document = JsonDocument.Parse(Valid);
        var others = document.RootElement.EnumerateObject().Where(own => own.Name != member).Select(own => $"{JsonSerializer.Serialize(own.Name)}:{own.Value.GetRawText()}");
        return $"{{{string.Join(',', others.Append($"{JsonSerializer.Serialize(member)}:{value}"))}}}";
    }

    /// <summary>Asserts that a refusal is one in the shape of this address.</summary>
    public void IsRefusal(Answer answer, string what)
    {
        Assert.True(answer.Status is >= 400 and < 500, $"{Name}, {what}: {answer.Status} {answer.Text}");
        var members = Errors switch
        {
            ErrorShape.OpenAi => answer.Error.EnumerateObject().Select(member => member.Name).Order().SequenceEqual(["code", "message", "param", "type"]),
            ErrorShape.Anthropic => answer.Json.GetProperty("type").GetString() == "error" && answer.Error.GetProperty("message").GetString() is { Length: > 0 },
            _ => !answer.Json.GetProperty("success").GetBoolean() && answer.Json.GetProperty("errors")[0].GetProperty("message").GetString() is { Length: > 0 },
        };
        Assert.True(members, $"{Name}, {what}: {answer.Text}");
    }
}

internal enum ErrorShape
{
    OpenAi,
    Anthropic,
    Cloudflare,
}

internal enum Forwarding
{
    /// <summary>What was read is what is sent, but for what routing changes.</summary>
    AsItCame,

    /// <summary>Written anew for another dialect.</summary>
    Translated,

    /// <summary>Answered by the proxy itself.</summary>
    Nothing,

    /// <summary>Sent without being read.</summary>
    Blindly,
}
