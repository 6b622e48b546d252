using System.Text.Json;
using GatewayOps.Emulator.Upstreams;

namespace GatewayOps.Tests.Emulator.Upstreams;

public sealed class ProviderDialectsTests
{
    private const string Chat = """{"model":"m","messages":[{"role":"user","content":"Hi"}]}""";

    public static TheoryData<string> Slugs => [.. GatewayProvider.All.Select(provider => provider.Slug).Where(slug => slug != GatewayProvider.WorkersAi).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Slugs))]
    public async Task Provider_AtItsChatPath_AnswersInOpenAisShape(string slug)
    {
        var provider = new TestProvider(slug);

        Assert.Equal($"[{slug}/m] You said: Hi", (await provider.PostAsync(provider.Provider.ChatPath, Chat)).Json.TextAt("choices.0.message.content"));
    }

    [Theory]
    [InlineData("openai", "chat/completions", "error.code", "invalid_api_key", 401)]
    [InlineData("azure-openai", "res/dep/chat/completions", "error.code", "401", 401)]
    [InlineData("anthropic", "v1/messages", "error.type", "authentication_error", 401)]
    [InlineData("google-ai-studio", "v1beta/models/m:generateContent", "error.status", "INVALID_ARGUMENT", 400)]
    [InlineData("aws-bedrock", "bedrock-runtime/us-east-1/model/m/converse", "message", "The security token included in the request is invalid.", 403)]
    [InlineData("cohere", "v2/chat", "message", "invalid api token", 401)]
    [InlineData("grok", "v1/chat/completions", "code", "The caller does not have permission to execute the specified operation", 401)]
    [InlineData("mistral", "v1/chat/completions", "message", "Incorrect API key provided.", 401)]
    [InlineData("openrouter", "v1/chat/completions", "error.message", "Incorrect API key provided.", 401)]
    [InlineData("elevenlabs", "v1/text-to-speech/v", "detail.status", "invalid_api_key", 401)]
    [InlineData("deepgram", "v1/speak", "err_code", "INVALID_AUTH", 401)]
    [InlineData("replicate", "v1/predictions", "title", "Unauthenticated", 401)]
    public async Task Key_Wrong_IsRefusedInTheProvidersShape(string slug, string path, string member, string expected, int status)
    {
        var provider = new TestProvider(slug, keys: ["another"]);

        var answer = await provider.PostAsync(path, Chat);

        Assert.Equal((status, expected), (answer.Status, answer.Json.TextAt(member)));
        Assert.DoesNotContain(TestProvider.Key, answer.Text, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Slugs))]
    public async Task Key_Missing_IsRefusedEverywhere(string slug)
    {
        var provider = new TestProvider(slug);

        var answer = await provider.SendAsync("POST", provider.Provider.ChatPath, Chat, key: null);

        Assert.InRange(answer.Status, 401, 403);
        Assert.Equal(JsonValueKind.Object, answer.Json.ValueKind);
    }

    [Theory]
    [InlineData("openai", "chat/completions", 404, "error.code", "model_not_found")]
    [InlineData("azure-openai", "res/unknown-x/chat/completions", 404, "error.code", "DeploymentNotFound")]
    [InlineData("grok", "v1/chat/completions", 404, "code", "Some requested entity was not found")]
    [InlineData("anthropic", "v1/chat/completions", 404, "error.code", "model_not_found")]
    [InlineData("google-ai-studio", "v1beta/models/unknown-x:generateContent", 404, "error.status", "NOT_FOUND")]
    public async Task Model_Unknown_404InTheProvidersShape(string slug, string path, int status, string member, string expected)
    {
        var body = slug == "google-ai-studio" ? """{"contents":[{"parts":[{"text":"x"}]}]}"""
            : slug == "azure-openai" ? """{"messages":[{"role":"user","content":"Hi"}]}""" : Chat.Replace("\"m\"", "\"unknown-x\"", StringComparison.Ordinal);

        var answer = await new TestProvider(slug).PostAsync(path, body);

        Assert.Equal((status, expected), (answer.Status, answer.Json.TextAt(member)));
    }

    [Theory]
    [MemberData(nameof(Slugs))]
    public async Task Path_Unknown_404OfTheProvider(string slug)
    {
        var answer = await new TestProvider(slug).SendAsync("PATCH", "no/such/thing", "{}", TestProvider.Key);

        Assert.Equal(404, answer.Status);
        Assert.Equal(JsonValueKind.Object, answer.Json.ValueKind);
    }

    [Theory]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task Fault_OnDemand_HasTheProvidersShape(int status)
    {
        var provider = GatewayProvider.Find("anthropic")!;
        var upstream = new ProviderUpstream(ProviderDialects.Of(provider), new ProviderKnowledge("anthropic", new GatewayOps.Emulator.EmulatorOptions(), TimeProvider.System), inner: null!);
        upstream.Break(new UpstreamFault(status));

        var reply = await upstream.SendAsync(new UpstreamRequest(provider, "POST", "v1/messages", "", [], default, Streamed: false), CancellationToken.None);

        await foreach (var piece in reply.Body)
        {
            var type = JsonSerializer.Deserialize<JsonElement>(piece.Span).TextAt("error.type");
            Assert.Equal(status switch { 429 => "rate_limit_error", 500 => "api_error", _ => "overloaded_error" }, type);
        }
    }

    [Theory]
    [InlineData("**/chat/completions", "chat/completions", "")]
    [InlineData("**/chat/completions", "a/b/chat/completions", "")]
    [InlineData("**/chat/completions", "a/xchat/completions", null)]
    [InlineData("models/*:go", "models/m%3A1:go", "m:1")]
    [InlineData("models/*:go", "models/a/b:go", null)]
    [InlineData("models/*:go", "models/:go", null)]
    [InlineData("**/models/*/x", "p/models/q/x", "q")]
    [InlineData("**", "any%20thing/at/all", "any thing/at/all")]
    public void Operation_Path_Matches(string pattern, string path, string? captured) =>
        Assert.Equal(captured, new Operation("GET", pattern, null!, _ => null!).Match("GET", path));
}
