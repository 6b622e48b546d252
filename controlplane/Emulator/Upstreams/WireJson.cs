using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace GatewayOps.Emulator.Upstreams;

/// <summary>JSON as providers write it: UTF-8, compact, letters beyond ASCII as they are.</summary>
public static class WireJson
{
    public static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Text(JsonNode? node) => node?.ToJsonString(Plain) ?? "null";

    public static byte[] Bytes(JsonNode node) => Encoding.UTF8.GetBytes(Text(node));

    /// <summary>One server-sent event (WHATWG HTML 9.2) with <paramref name="node"/> as its only data line.</summary>
    public static byte[] Event(JsonNode node) => Encoding.UTF8.GetBytes($"data: {Text(node)}\n\n");
}
