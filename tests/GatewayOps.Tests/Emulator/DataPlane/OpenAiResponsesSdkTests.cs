using System.ClientModel;
using System.Text;
using System.Text.Json;
using GatewayOps.Tests.Support;
using OpenAI.Responses;

#pragma warning disable OPENAI001 // the SDK marks its Responses client as experimental

namespace GatewayOps.Tests.Emulator.DataPlane;

/// <summary>The Responses API by the unmodified OpenAI SDK, on the gateway's native address and on Cloudflare's REST surface.</summary>
public sealed class OpenAiResponsesSdkTests
{
    [Fact]
    public async Task Response_GoesOnFromThePreviousOne()
    {
        await using var gateway = await TestGateway.StartAsync();
        var client = Client(gateway.Emulator, "/v1/dev-account/gw/openai", "sk-sdk");

        var first = (await client.CreateResponseAsync(Asked("gpt-4o", "Hello there"))).Value;
        var options = Asked("gpt-4o", "And again");
        options.PreviousResponseId = first.Id;
        var second = (await client.CreateResponseAsync(options)).Value;

        Assert.Equal("[openai/gpt-4o] You said: Hello there", first.GetOutputText());
        Assert.Equal("[openai/gpt-4o] You said: And again", second.GetOutputText());
        Assert.True(second.Usage.InputTokenCount > first.Usage.InputTokenCount);
        Assert.Equal(first.GetOutputText(), (await client.GetResponseAsync(first.Id)).Value.GetOutputText());
    }

    [Fact]
    public async Task Response_Streamed_DeltasAddUpToTheCompletedOne()
    {
        await using var gateway = await TestGateway.StartAsync();
        var (text, completed) = (new StringBuilder(), (ResponseResult?)null);
        var options = Asked("gpt-5", "Hello there");
        options.StreamingEnabled = true;

        await foreach (var update in await Client(gateway.Emulator, "/v1/dev-account/gw/openai", "sk-sdk").CreateResponseStreamingAsync(options))
        {
            if (update is StreamingResponseOutputTextDeltaUpdate delta)
                text.Append(delta.Delta);
            if (update is StreamingResponseCompletedUpdate done)
                completed = done.Response;
        }

        Assert.Equal("[openai/gpt-5] You said: Hello there", text.ToString());
        Assert.Equal(text.ToString(), completed!.GetOutputText());
        Assert.Equal(64, completed.Usage.OutputTokenDetails.ReasoningTokenCount);
    }

    [Fact]
    public async Task Response_WithAFunction_CallsItAndTellsItsOutput()
    {
        await using var gateway = await TestGateway.StartAsync();
        var client = Client(gateway.Emulator, "/v1/dev-account/gw/openai", "sk-sdk");
        var options = Asked("gpt-4o", "What is the weather in Paris?");
        options.Tools.Add(ResponseTool.CreateFunctionTool(
            "get_weather", BinaryData.FromString("""{"type":"object","properties":{"city":{"type":"string"}},"required":["city"],"additionalProperties":false}"""), strictModeEnabled: true));

        var first = (await client.CreateResponseAsync(options)).Value;
        var call = Assert.IsType<FunctionCallResponseItem>(Assert.Single(first.OutputItems));
        options.InputItems.Add(call);
        options.InputItems.Add(ResponseItem.CreateFunctionCallOutputItem(call.CallId, "18 degrees"));
        var second = (await client.CreateResponseAsync(options)).Value;

        Assert.Equal("city", JsonSerializer.Deserialize<JsonElement>(call.FunctionArguments).GetProperty("city").GetString());
        Assert.Equal("[openai/gpt-4o] The tool said: 18 degrees", second.GetOutputText());
    }

    [Theory]
    [InlineData("@cf/openai/gpt-oss-20b", "workers-ai/@cf/openai/gpt-oss-20b")]
    [InlineData("openai/gpt-4o", "openai/gpt-4o")]
    public async Task RestSurface_OfCloudflare_IsABaseAddressToo(string model, string who)
    {
        await using var emulator = await TestEmulator.StartAsync();

        var response = (await Client(emulator, "/client/v4/accounts/dev-account/ai/v1", "dev-token").CreateResponseAsync(Asked(model, "Hello there"))).Value;

        Assert.Equal($"[{who}] You said: Hello there", response.GetOutputText());
    }

    private static ResponsesClient Client(TestEmulator emulator, string path, string key) =>
        new(new ApiKeyCredential(key), new ResponsesClientOptions { Endpoint = new Uri(emulator.BaseUrl, path) });

    private static CreateResponseOptions Asked(string model, string text) => new(model, [ResponseItem.CreateUserMessageItem(text)]);
}
