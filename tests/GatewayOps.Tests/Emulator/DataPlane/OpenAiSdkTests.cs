using System.ClientModel;
using System.Text;
using System.Text.Json;
using OpenAI;
using OpenAI.Chat;
using OpenAI.Embeddings;

namespace GatewayOps.Tests.Emulator.DataPlane;

/// <summary>The unmodified OpenAI SDK against the emulated gateway, on the provider's own address and on the unified one.</summary>
public sealed class OpenAiSdkTests
{
    [Theory]
    [InlineData("openai", "gpt-4o-mini")]
    [InlineData("compat", "openai/gpt-4o-mini")]
    public async Task Chat_Plain_Answers(string surface, string model)
    {
        await using var gateway = await TestGateway.StartAsync();

        var completion = (await Client(gateway, surface, model).CompleteChatAsync("Hello there")).Value;

        Assert.Equal("[openai/gpt-4o-mini] You said: Hello there", completion.Content[0].Text);
        Assert.Equal(ChatFinishReason.Stop, completion.FinishReason);
        Assert.Equal(6, completion.Usage.InputTokenCount);
        Assert.Equal(completion.Usage.TotalTokenCount, completion.Usage.InputTokenCount + completion.Usage.OutputTokenCount);
    }

    [Theory]
    [InlineData("openai", "gpt-4o-mini")]
    [InlineData("compat", "openai/gpt-4o-mini")]
    public async Task Chat_Streamed_SaysTheSameAndReportsUsage(string surface, string model)
    {
        await using var gateway = await TestGateway.StartAsync();
        var text = new StringBuilder();
        ChatTokenUsage? usage = null;
        ChatFinishReason? finish = null;

        await foreach (var update in Client(gateway, surface, model).CompleteChatStreamingAsync("Hello there"))
        {
            foreach (var part in update.ContentUpdate)
                text.Append(part.Text);
            usage = update.Usage ?? usage;
            finish = update.FinishReason ?? finish;
        }

        Assert.Equal("[openai/gpt-4o-mini] You said: Hello there", text.ToString());
        Assert.Equal(ChatFinishReason.Stop, finish);
        Assert.Equal(6, usage!.InputTokenCount);
    }

    [Theory]
    [InlineData("openai", "gpt-4o-mini")]
    [InlineData("compat", "openai/gpt-4o-mini")]
    public async Task Chat_WithTool_CallsItAndUsesItsAnswer(string surface, string model)
    {
        await using var gateway = await TestGateway.StartAsync();
        var client = Client(gateway, surface, model);
        var options = new ChatCompletionOptions();
        options.Tools.Add(ChatTool.CreateFunctionTool("get_weather", "The weather of a city", BinaryData.FromString(
            """{"type":"object","properties":{"city":{"type":"string"},"unit":{"enum":["celsius","fahrenheit"]}},"required":["city","unit"],"additionalProperties":false}""")));
        List<ChatMessage> messages = [new UserChatMessage("What is the weather in Paris?")];

        var first = (await client.CompleteChatAsync(messages, options)).Value;
        var call = Assert.Single(first.ToolCalls);
        Assert.Equal((ChatFinishReason.ToolCalls, "get_weather"), (first.FinishReason, call.FunctionName));
        Assert.Equal("""{"city":"city","unit":"celsius"}""", call.FunctionArguments.ToString());

        messages.Add(new AssistantChatMessage(first));
        messages.Add(new ToolChatMessage(call.Id, "18 degrees"));
        var second = (await client.CompleteChatAsync(messages, options)).Value;
        Assert.Equal("[openai/gpt-4o-mini] The tool said: 18 degrees", second.Content[0].Text);
    }

    [Theory]
    [InlineData("openai", "gpt-4o-mini")]
    [InlineData("compat", "openai/gpt-4o-mini")]
    public async Task Chat_StreamedToolCall_ArrivesInPieces(string surface, string model)
    {
        await using var gateway = await TestGateway.StartAsync();
        var options = new ChatCompletionOptions { ToolChoice = ChatToolChoice.CreateRequiredChoice() };
        options.Tools.Add(ChatTool.CreateFunctionTool("look_up", "Looks up", BinaryData.FromString(
            """{"type":"object","properties":{"words":{"type":"array","minItems":3,"items":{"type":"string","minLength":20}}},"required":["words"]}""")));
        var (id, name, arguments, pieces) = ("", "", new StringBuilder(), 0);

        await foreach (var update in Client(gateway, surface, model).CompleteChatStreamingAsync([new UserChatMessage("Go")], options))
        {
            foreach (var call in update.ToolCallUpdates)
            {
                id = call.ToolCallId ?? id;
                name = call.FunctionName ?? name;
                arguments.Append(call.FunctionArgumentsUpdate?.ToString());
                pieces++;
            }
        }

        Assert.StartsWith("call_", id, StringComparison.Ordinal);
        Assert.Equal("look_up", name);
        Assert.Equal(3, JsonSerializer.Deserialize<JsonElement>(arguments.ToString()).GetProperty("words").GetArrayLength());
        Assert.True(pieces > 3);
    }

    [Theory]
    [InlineData("openai", "gpt-4o-mini")]
    [InlineData("compat", "openai/gpt-4o-mini")]
    public async Task Chat_JsonSchema_AnswerFitsTheSchema(string surface, string model)
    {
        await using var gateway = await TestGateway.StartAsync();
        var options = new ChatCompletionOptions
        {
            ResponseFormat = ChatResponseFormat.CreateJsonSchemaFormat("person", BinaryData.FromString(
                """
                {"type":"object","additionalProperties":false,"required":["name","age","tags","home"],
                 "properties":{"name":{"type":"string","minLength":8},"age":{"type":"integer","minimum":18},"tags":{"type":"array","items":{"enum":["a","b"]}},"home":{"$ref":"#/$defs/place"}},
                 "$defs":{"place":{"type":"object","required":["kind","next"],"properties":{"kind":{"const":"home"},"next":{"anyOf":[{"$ref":"#/$defs/place"},{"type":"null"}]}}}}}
                """), jsonSchemaIsStrict: true),
        };

        var completion = (await Client(gateway, surface, model).CompleteChatAsync([new UserChatMessage("Who?")], options)).Value;

        var answer = JsonSerializer.Deserialize<JsonElement>(completion.Content[0].Text);
        Assert.True(answer.GetProperty("name").GetString()!.Length >= 8);
        Assert.Equal(18, answer.GetProperty("age").GetInt32());
        Assert.Equal("a", answer.GetProperty("tags")[0].GetString());
        Assert.Equal("home", answer.GetProperty("home").GetProperty("kind").GetString());
    }

    [Fact]
    public async Task Chat_ReasoningModel_ReportsItsThinking()
    {
        await using var gateway = await TestGateway.StartAsync();

        var completion = (await Client(gateway, "openai", "gpt-5-mini").CompleteChatAsync("Think")).Value;

        Assert.Equal(64, completion.Usage.OutputTokenDetails.ReasoningTokenCount);
        Assert.True(completion.Usage.OutputTokenCount > 64);
    }

    [Fact]
    public async Task Chat_TokenLimit_EndsWithLength()
    {
        await using var gateway = await TestGateway.StartAsync();

        var completion = (await Client(gateway, "openai", "gpt-4o").CompleteChatAsync(
            [new UserChatMessage("one two three")], new ChatCompletionOptions { MaxOutputTokenCount = 3 })).Value;

        Assert.Equal((ChatFinishReason.Length, 3), (completion.FinishReason, completion.Usage.OutputTokenCount));
        Assert.Equal("[openai/gpt-4o] You", completion.Content[0].Text);
    }

    [Fact]
    public async Task Embeddings_BySdk_AreUnitVectorsOfTheTextAlone()
    {
        await using var gateway = await TestGateway.StartAsync();
        var client = new EmbeddingClient("text-embedding-3-small", new ApiKeyCredential("sk-sdk"), Options(gateway, "openai"));

        var vectors = (await client.GenerateEmbeddingsAsync(["one", "two", "one"])).Value;

        Assert.Equal(1536, vectors[0].ToFloats().Length);
        Assert.Equal(vectors[0].ToFloats().ToArray(), vectors[2].ToFloats().ToArray());
        Assert.NotEqual(vectors[0].ToFloats().ToArray(), vectors[1].ToFloats().ToArray());
        Assert.Equal(1, vectors[0].ToFloats().ToArray().Sum(value => (double)value * value), 3);
    }

    [Fact]
    public async Task Embeddings_OfAChosenSize_HaveIt()
    {
        await using var gateway = await TestGateway.StartAsync();
        var client = new EmbeddingClient("text-embedding-3-large", new ApiKeyCredential("sk-sdk"), Options(gateway, "openai"));

        var vector = (await client.GenerateEmbeddingAsync("one", new EmbeddingGenerationOptions { Dimensions = 256 })).Value;

        Assert.Equal(256, vector.ToFloats().Length);
    }

    [Fact]
    public async Task Chat_BadRequest_IsATypedException()
    {
        await using var gateway = await TestGateway.StartAsync();

        var refused = await Assert.ThrowsAsync<ClientResultException>(() => Client(gateway, "openai", "unknown-model").CompleteChatAsync("Hi"));

        Assert.Equal(404, refused.Status);
        Assert.Contains("model_not_found", refused.Message, StringComparison.Ordinal);
    }

    private static ChatClient Client(TestGateway gateway, string surface, string model) => new(model, new ApiKeyCredential("sk-sdk"), Options(gateway, surface));

    private static OpenAIClientOptions Options(TestGateway gateway, string surface) => new() { Endpoint = new Uri(gateway.Emulator.BaseUrl, gateway.Path + surface) };
}
