using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using GatewayOps.Client;
using Microsoft.Extensions.AI;

namespace GatewayOps.Cli.Batch;

/// <summary>The lines of the output. Source: checklist S4-12.</summary>
public static class OutputLine
{
    // Text is written as it is; what ends a line for some reader (U+2028 among them) is escaped.
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[] Answer(BatchItem item, ChatResponse response, GatewayUsage usage, decimal? cost) => Write(item, json =>
    {
        json.WriteString("model"u8, usage.Model ?? item.Model);
        json.WriteString("response"u8, response.Text);
        json.WriteString("finish_reason"u8, response.FinishReason?.Value);
        json.WriteStartObject("usage"u8);
        Number(json, "input_tokens"u8, usage.InputTokens);
        Number(json, "output_tokens"u8, usage.OutputTokens);
        Number(json, "total_tokens"u8, usage.TotalTokens);
        Number(json, "reasoning_tokens"u8, usage.ReasoningTokens);
        json.WriteEndObject();
        if (cost is { } usd)
        {
            json.WriteNumber("cost_usd"u8, usd);
        }

        json.WriteString("request_id"u8, usage.RequestId);
    });

    public static byte[] Error(BatchItem item, GatewayException failure, int attempts) => Write(item, json =>
    {
        json.WriteStartObject("error"u8);
        json.WriteString("kind"u8, FailureKind.Of(failure));
        if (failure.Status is { } status)
        {
            json.WriteNumber("status"u8, status);
        }

        if (failure.Code is { } code)
        {
            json.WriteString("code"u8, code);
        }

        json.WriteString("message"u8, failure.Message);
        json.WriteNumber("attempts"u8, attempts);
        json.WriteEndObject();
        json.WriteString("request_id"u8, failure.RequestId);
    });

    /// <summary>The id of a line that holds an answer; null of one that holds an error, or is none of these lines.</summary>
    public static string? AnsweredId(ReadOnlyMemory<byte> line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            return document.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("response", out _) && root.TryGetProperty("id", out var id) ? id.ToString() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static byte[] Write(BatchItem item, Action<Utf8JsonWriter> rest)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer, Plain))
        {
            json.WriteStartObject();
            json.WritePropertyName("id"u8);
            item.Id.WriteTo(json);
            rest(json);
            if (item.Metadata.ValueKind != JsonValueKind.Undefined)
            {
                json.WritePropertyName("metadata"u8);
                item.Metadata.WriteTo(json);
            }

            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void Number(Utf8JsonWriter json, ReadOnlySpan<byte> name, long? value)
    {
        if (value is { } known)
        {
            json.WriteNumber(name, known);
        }
    }
}
