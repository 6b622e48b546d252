using System.Buffers;
using System.Collections.Frozen;
using System.Text.Json;

namespace GatewayOps.ControlPlane.Proxy.CloudflareShape;

/// <summary>Errors as callers of Cloudflare's REST API read them: `{"success":false,"errors":[{"code","message"}],"messages":[],"result":null}`. Source: Cloudflare contract, sections 1.2, 13 and 16.</summary>
internal static class CloudflareEnvelope
{
    // What has no code of Cloudflare's has its status in the place of one.
    private static readonly FrozenDictionary<string, int> Codes = new Dictionary<string, int>
    {
        ["unauthorized"] = 10000,
        ["model_not_found"] = 7003,
        ["gateway_not_found"] = 2001,
        ["rate_limit_exceeded"] = 2003,
        ["upstream_failed"] = 2005,
        ["upstream_unreachable"] = 2005,
        ["request_too_large"] = 3006,
        ["upstream_timeout"] = 3007,
    }.ToFrozenDictionary();

    public static byte[] Of(OpenAiError error) => Of(Codes.GetValueOrDefault(error.Code, error.Status), error.Message);

    /// <summary>A failure of Workers AI as the gateway's addresses show it (`{"name":"AiError","internalCode",…}`); null for any other body.</summary>
    public static byte[]? OfFailure(ReadOnlyMemory<byte> body) => WorkersAiFault.TryRead(body) is { } fault ? Of(fault.Code, fault.Message) : null;

    private static byte[] Of(int code, string message)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteBoolean("success"u8, false);
            json.WriteStartArray("errors"u8);
            json.WriteStartObject();
            json.WriteNumber("code"u8, code);
            json.WriteString("message"u8, message);
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteStartArray("messages"u8);
            json.WriteEndArray();
            json.WriteNull("result"u8);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
