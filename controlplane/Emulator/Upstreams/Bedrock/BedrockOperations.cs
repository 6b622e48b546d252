using System.Text;
using GatewayOps.Emulator.Upstreams.Anthropic;
using GatewayOps.Emulator.Upstreams.Simulation;

namespace GatewayOps.Emulator.Upstreams.Bedrock;

/// <summary>
/// Bedrock's runtime: Converse for every model, `invoke` in the body of Anthropic's models and of Titan's embeddings, both streamed as AWS streams.
/// </summary>
public static class BedrockOperations
{
    /// <param name="folder">What stands before `model/{id}/…`.</param>
    public static IEnumerable<Operation> At(string folder)
    {
        yield return new("POST", folder + "model/*/converse", BedrockErrors.Instance, ConverseOperations.Whole);
        yield return new("POST", folder + "model/*/converse-stream", BedrockErrors.Instance, ConverseOperations.Stream);
        yield return new("POST", folder + "model/*/invoke", BedrockErrors.Instance, Invoke);
        yield return new("POST", folder + "model/*/invoke-with-response-stream", BedrockErrors.Instance, InvokeStreamed);
    }

    private static UpstreamReply Invoke(SimulatedCall call) => call.Captured.Contains("titan-embed", StringComparison.Ordinal)
        ? Embed(call)
        : MessagesOperations.CreateAt(call, call.Captured, streams: false);

    /// <summary>The events of the Messages API, each base64 in a `chunk`.</summary>
    private static UpstreamReply InvokeStreamed(SimulatedCall call)
    {
        var body = call.Body(AnthropicWords.Instance);
        body.RequiredText("anthropic_version");
        var message = MessagesOperations.Message(call, MessagesReader.Read(body, call.Captured));
        return UpstreamReply.Pieces(AwsEventStream.ContentType, [.. MessageStream.Of(message).Pieces().Select(Chunk)]);
    }

    private static ReadOnlyMemory<byte> Chunk(ReadOnlyMemory<byte> serverSentEvent)
    {
        var text = Encoding.UTF8.GetString(serverSentEvent.Span);
        const string mark = "\ndata: ";
        var data = text[(text.IndexOf(mark, StringComparison.Ordinal) + mark.Length)..].TrimEnd('\n');
        return AwsEventStream.Message("chunk", WireJson.Bytes(Encoding.UTF8.GetBytes(data), static (json, bytes) =>
        {
            json.WriteStartObject();
            json.WriteBase64String("bytes"u8, bytes);
            json.WriteEndObject();
        }));
    }

    private static UpstreamReply Embed(SimulatedCall call)
    {
        call.Provider.RequireModel(call.Captured);
        var body = call.Body(BedrockWords.Instance);
        var text = body.RequiredText("inputText");
        return UpstreamReply.Json(200, WireJson.Bytes((text, size: body.Whole("dimensions", 1, 1024) ?? 1024), static (json, asked) =>
        {
            json.WriteStartObject();
            json.WriteNumbers("embedding"u8, SimulatedVector.Of(asked.text, asked.size));
            json.WriteNumber("inputTextTokenCount"u8, SimulatedTokens.Count(asked.text));
            json.WriteEndObject();
        }));
    }
}
