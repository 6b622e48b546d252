using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using GatewayOps.Emulator.Upstreams.Simulation;

namespace GatewayOps.Tests.Emulator.Upstreams;

public sealed class BedrockTests
{
    private const string Model = "bedrock-runtime/us-east-1/model/anthropic.claude-3-5-sonnet-20240620-v1%3A0/";
    private const string Weather = """{"tools":[{"toolSpec":{"name":"get_weather","inputSchema":{"json":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}}}}]}""";

    [Fact]
    public async Task Converse_Text_IsOneMessage()
    {
        var json = (await Ask("converse", """{"messages":[{"role":"user","content":[{"text":"Hello there"}]}],"system":[{"text":"Be kind"}]}""")).Json;

        Assert.Equal("[aws-bedrock/anthropic.claude-3-5-sonnet-20240620-v1:0] You said: Hello there", json.TextAt("output.message.content.0.text"));
        Assert.Equal(("end_turn", 12), (json.TextAt("stopReason"), json.NumberAt("usage.inputTokens")));
    }

    [Fact]
    public async Task ConverseStream_Tool_MessagesAreFramedAndChecked()
    {
        var answer = await Ask("converse-stream", $$"""{"messages":[{"role":"user","content":[{"text":"The weather?"}]}],"toolConfig":{{Weather}}}""");

        Assert.Equal("application/vnd.amazon.eventstream", answer.ContentType);
        var messages = answer.Pieces.Select(Decode).ToArray();
        Assert.Equal(["messageStart", "contentBlockStart", "contentBlockDelta", "contentBlockStop", "messageStop", "metadata"], messages.Select(message => message.Type));
        Assert.Equal("""{"city":"city"}""", messages[2].Payload.TextAt("delta.toolUse.input"));
        Assert.Equal("tool_use", messages[4].Payload.TextAt("stopReason"));
    }

    [Fact]
    public async Task Invoke_AnthropicBody_AnswersInItsDialect()
    {
        const string body = """{"anthropic_version":"bedrock-2023-05-31","max_tokens":50,"messages":[{"role":"user","content":"Hi"}]}""";

        var plain = await Ask("invoke", body);
        var streamed = (await Ask("invoke-with-response-stream", body)).Pieces.Select(Decode).Select(message => message.Payload.GetProperty("bytes").GetBytesFromBase64())
            .Select(bytes => JsonSerializer.Deserialize<JsonElement>(bytes).TextAt("type")).ToArray();

        Assert.EndsWith("You said: Hi", plain.Json.TextAt("content.0.text"), StringComparison.Ordinal);
        Assert.Equal(("message_start", "message_stop"), (streamed[0], streamed[^1]));
    }

    [Fact]
    public async Task Request_Wrong_ValidationException()
    {
        var empty = await Ask("converse", """{"messages":[]}""");
        var unknown = await new TestProvider("aws-bedrock").PostAsync("bedrock-runtime/us-east-1/model/unknown-x/converse", """{"messages":[{"role":"user","content":[{"text":"x"}]}]}""");

        Assert.Equal((400, "The messages list must not be empty."), (empty.Status, empty.Json.TextAt("message")));
        Assert.Contains(KeyValuePair.Create("x-amzn-errortype", "ValidationException"), empty.Headers);
        Assert.Equal((400, "The provided model identifier is invalid."), (unknown.Status, unknown.Json.TextAt("message")));
    }

    private static Task<ProviderAnswer> Ask(string operation, string body) => new TestProvider("aws-bedrock").PostAsync(Model + operation, body);

    private static (string Type, JsonElement Payload) Decode(byte[] message)
    {
        var (total, headers) = (BinaryPrimitives.ReadInt32BigEndian(message), BinaryPrimitives.ReadInt32BigEndian(message.AsSpan(4)));
        Assert.Equal(message.Length, total);
        Assert.Equal(Crc32.Of(message.AsSpan(0, 8)), BinaryPrimitives.ReadUInt32BigEndian(message.AsSpan(8)));
        Assert.Equal(Crc32.Of(message.AsSpan(0, total - 4)), BinaryPrimitives.ReadUInt32BigEndian(message.AsSpan(total - 4)));
        Assert.Equal(":event-type", Encoding.UTF8.GetString(message, 13, message[12]));
        var value = 12 + 1 + message[12] + 1;
        var length = BinaryPrimitives.ReadInt16BigEndian(message.AsSpan(value));
        return (Encoding.UTF8.GetString(message, value + 2, length), JsonSerializer.Deserialize<JsonElement>(message.AsSpan(12 + headers, total - 16 - headers)));
    }
}
