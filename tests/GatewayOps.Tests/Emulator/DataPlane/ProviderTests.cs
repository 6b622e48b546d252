using System.Text;

using GatewayOps.Emulator.Upstreams;

namespace GatewayOps.Tests.Emulator.DataPlane;

/// <summary>The prefix table of contract 11: where a path goes, and which headers carry the provider's key.</summary>
public sealed class ProviderTests(GatewayFixture emulator) : IClassFixture<GatewayFixture>
{
    private const string Aws = """{"accessKeyId":"AKID","secretAccessKey":"secret","region":"us-west-2"}""";

    private const string Google = """{"type":"service_account","project_id":"proj","private_key":"-----BEGIN","client_email":"sa@proj.iam.gserviceaccount.com","region":"europe-west4"}""";

    public static TheoryData<string, string, string> Addresses => new()
    {
        { "openai", "chat/completions", "https://api.openai.com/v1/chat/completions" },
        { "openai", "v1/chat/completions", "https://api.openai.com/v1/chat/completions" },
        { "openai", "responses", "https://api.openai.com/v1/responses" },
        { "anthropic", "v1/messages", "https://api.anthropic.com/v1/messages" },
        { "google-ai-studio", "v1beta/models/gemini-2.5-flash:generateContent", "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:generateContent" },
        { "google-vertex-ai", "v1/projects/p/locations/us-east4/publishers/google/models/m:generateContent", "https://us-east4-aiplatform.googleapis.com/v1/projects/p/locations/us-east4/publishers/google/models/m:generateContent" },
        { "google-vertex-ai", "v1/projects/p/locations/global/publishers/google/models/m:generateContent", "https://aiplatform.googleapis.com/v1/projects/p/locations/global/publishers/google/models/m:generateContent" },
        { "azure-openai", "res/dep/chat/completions?api-version=2024-10-21", "https://res.openai.azure.com/openai/deployments/dep/chat/completions?api-version=2024-10-21" },
        { "aws-bedrock", "bedrock-runtime/eu-west-1/model/anthropic.claude-v2:1/invoke", "https://bedrock-runtime.eu-west-1.amazonaws.com/model/anthropic.claude-v2:1/invoke" },
        { "aws-bedrock", "bedrock-mantle/us-east-1/anthropic/v1/messages", "https://bedrock-mantle.us-east-1.api.aws/anthropic/v1/messages" },
        { "grok", "v1/chat/completions", "https://api.x.ai/v1/chat/completions" },
        { "groq", "chat/completions", "https://api.groq.com/openai/v1/chat/completions" },
        { "deepseek", "chat/completions", "https://api.deepseek.com/chat/completions" },
        { "mistral", "v1/chat/completions", "https://api.mistral.ai/v1/chat/completions" },
        { "perplexity-ai", "chat/completions", "https://api.perplexity.ai/chat/completions" },
        { "cerebras", "v1/chat/completions", "https://api.cerebras.ai/v1/chat/completions" },
        { "openrouter", "v1/chat/completions", "https://openrouter.ai/api/v1/chat/completions" },
        { "fireworks", "chat/completions", "https://api.fireworks.ai/inference/v1/chat/completions" },
        { "cohere", "v2/chat", "https://api.cohere.com/v2/chat" },
        { "huggingface", "org/model", "https://api-inference.huggingface.co/models/org/model" },
        { "replicate", "v1/predictions", "https://api.replicate.com/v1/predictions" },
        { "fal", "fal-ai/flux", "https://fal.run/fal-ai/flux" },
        { "ideogram", "generate", "https://api.ideogram.ai/generate" },
        { "cartesia", "tts/bytes", "https://api.cartesia.ai/tts/bytes" },
        { "deepgram", "v1/listen?model=nova-3", "https://api.deepgram.com/v1/listen?model=nova-3" },
        { "elevenlabs", "v1/text-to-speech/v", "https://api.elevenlabs.io/v1/text-to-speech/v" },
    };

    [Theory]
    [MemberData(nameof(Addresses))]
    public async Task Native_Path_IsTheProvidersAddressWithoutItsPrefix(string provider, string path, string url)
    {
        await using var gateway = emulator.NewGateway();

        await gateway.PostAsync($"{provider}/{path}", "{}");

        Assert.Equal(url, (await gateway.LastUpstreamRequestAsync(provider)).GetProperty("url").GetString());
    }

    [Fact]
    public void Table_HasEverySlugOfTheContractAndNoMore() => Assert.Equal(
        [
            "adobe-firefly", "anthropic", "aws-bedrock", "azure-openai", "baseten", "cartesia", "cerebras", "cohere", "deepgram", "deepseek", "elevenlabs", "fal", "fireworks",
            "google-ai-studio", "google-vertex-ai", "grok", "groq", "huggingface", "ideogram", "mistral", "openai", "openrouter", "parallel", "perplexity-ai", "replicate", "workers-ai",
        ],
        GatewayProvider.All.Select(provider => provider.Slug).Order(StringComparer.Ordinal));

    /// <summary>A key in any of the provider's own headers is the request's key: it is forwarded and the stored one stays where it is.</summary>
    [Theory]
    [InlineData("anthropic", "x-api-key: k")]
    [InlineData("anthropic", "authorization: Bearer k")]
    [InlineData("google-ai-studio", "x-goog-api-key: k")]
    [InlineData("azure-openai", "api-key: k")]
    [InlineData("cartesia", "x-api-key: k")]
    [InlineData("deepgram", "token: k")]
    [InlineData("deepgram", "authorization: Token k")]
    [InlineData("elevenlabs", "xi-api-key: k")]
    [InlineData("parallel", "x-api-key: k")]
    [InlineData("aws-bedrock", "authorization: AWS4-HMAC-SHA256 Credential=x")]
    public async Task Native_KeyInTheProvidersHeader_IsForwardedUntouched(string provider, string header)
    {
        await using var gateway = emulator.NewGateway();
        gateway.StoreKey(provider, "sk-stored");

        await gateway.PostAsync($"{provider}/v1/x", "{}", key: null, header);

        var headers = (await gateway.LastUpstreamRequestAsync(provider)).GetProperty("headers");
        Assert.Equal(header.Split(": ")[1], headers.GetProperty(header.Split(": ")[0]).GetString());
        Assert.DoesNotContain("sk-stored", headers.GetRawText(), StringComparison.Ordinal);
        Assert.False(gateway.Logs[0].Byok);
    }

    [Theory]
    [InlineData("anthropic", "x-api-key", "sk-stored")]
    [InlineData("google-ai-studio", "x-goog-api-key", "sk-stored")]
    [InlineData("azure-openai", "api-key", "sk-stored")]
    [InlineData("elevenlabs", "xi-api-key", "sk-stored")]
    [InlineData("cartesia", "authorization", "Bearer sk-stored")]
    [InlineData("deepgram", "authorization", "Token sk-stored")]
    [InlineData("aws-bedrock", "authorization", "Bearer sk-stored")]
    [InlineData("google-vertex-ai", "authorization", "Bearer sk-stored")]
    public async Task Native_NoKey_TheStoredOneGoesInTheProvidersHeader(string provider, string header, string value)
    {
        await using var gateway = emulator.NewGateway();
        gateway.StoreKey(provider, "sk-stored");

        await gateway.PostAsync($"{provider}/v1/x", "{}", key: null);

        Assert.Equal(value, (await gateway.LastUpstreamRequestAsync(provider)).GetProperty("headers").GetProperty(header).GetString());
        Assert.True(gateway.Logs[0].Byok);
    }

    [Fact]
    public async Task Bedrock_StructuredKey_SignsForTheRegionOfTheAddress()
    {
        await using var gateway = emulator.NewGateway();
        gateway.StoreKey("aws-bedrock", Aws);

        await gateway.PostAsync("aws-bedrock/bedrock-runtime/eu-west-1/model/m/invoke", "{}", key: null);

        var headers = (await gateway.LastUpstreamRequestAsync("aws-bedrock")).GetProperty("headers");
        Assert.Matches(
            "^AWS4-HMAC-SHA256 Credential=AKID/[0-9]{8}/eu-west-1/bedrock/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=[0-9a-f]{64}$",
            headers.GetProperty("authorization").GetString());
        Assert.Matches("^[0-9]{8}T[0-9]{6}Z$", headers.GetProperty("x-amz-date").GetString());
    }

    [Fact]
    public async Task Bedrock_SignedRequests_AreStillTheSameForTheCache()
    {
        await using var gateway = emulator.NewGateway(new { cache_ttl = 600 });
        gateway.StoreKey("aws-bedrock", Aws);

        var first = await gateway.PostAsync("aws-bedrock/v1/chat/completions", TestGateway.Chat(), key: null);
        await gateway.Emulator.AdvanceClockAsync(TimeSpan.FromSeconds(2));
        var second = await gateway.PostAsync("aws-bedrock/v1/chat/completions", TestGateway.Chat(), key: null);

        Assert.Equal(("MISS", "HIT"), (first.CacheStatus, second.CacheStatus));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Vertex_ServiceAccount_IsTradedForAnAccessToken(bool stored)
    {
        await using var gateway = emulator.NewGateway();
        if (stored)
            gateway.StoreKey("google-vertex-ai", Google);

        await gateway.PostAsync("google-vertex-ai/v1/x", "{}", stored ? null : Convert.ToBase64String(Encoding.UTF8.GetBytes(Google)));

        var authorization = (await gateway.LastUpstreamRequestAsync("google-vertex-ai")).GetProperty("headers").GetProperty("authorization").GetString();
        Assert.StartsWith("Bearer ya29.", authorization, StringComparison.Ordinal);
        Assert.Equal(stored, gateway.Logs[0].Byok);
    }

    [Fact]
    public async Task StoredKey_WithALimit_429AboveItUntilItsWindowTurns()
    {
        await using var gateway = emulator.NewGateway();
        gateway.StoreKey("openai", "sk-limited", rateLimit: 2, ratePeriod: 86_400);
        var today = gateway.State.CreatedAt.TimeOfDay;

        int[] statuses = [await StatusAsync(), await StatusAsync(), await StatusAsync()];
        Assert.Equal([200, 200, 429], statuses);
        Assert.Equal(2003, (await gateway.PostAsync("openai/chat/completions", TestGateway.Chat(), key: null)).ErrorCode);
        Assert.Equal(200, (await gateway.ChatAsync()).Status);

        await gateway.Emulator.AdvanceClockAsync(TimeSpan.FromDays(1) - today);
        Assert.Equal(200, await StatusAsync());

        async Task<int> StatusAsync() => (await gateway.PostAsync("openai/chat/completions", TestGateway.Chat(), key: null)).Status;
    }

    [Fact]
    public async Task AuthorizationInTheRequest_ForAnotherHeadersProvider_IsStillConsumedWhenItIsOurs()
    {
        await using var gateway = emulator.NewGateway(new { authentication = true });
        gateway.StoreKey("anthropic", "sk-stored");

        var answer = await gateway.PostAsync("anthropic/v1/chat/completions", TestGateway.Chat(), "dev-token");

        var headers = (await gateway.LastUpstreamRequestAsync("anthropic")).GetProperty("headers");
        Assert.Equal(200, answer.Status);
        Assert.False(headers.TryGetProperty("authorization", out _));
        Assert.Equal("sk-stored", headers.GetProperty("x-api-key").GetString());
    }

}
