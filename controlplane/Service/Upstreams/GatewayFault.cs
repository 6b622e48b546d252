using System.Text.Json;

namespace GatewayOps.ControlPlane.Upstreams;

/// <summary>An error that the gateway itself made, told from a provider's error by its envelope. Source: Cloudflare contract, section 13.</summary>
/// <param name="Code">Cloudflare's code, such as 2009.</param>
public sealed record GatewayFault(int Code, string Message)
{
    /// <summary>Reads the envelope `{"success":false,"error":[{"code","message"}],…}`; null for any other body.</summary>
    public static GatewayFault? TryRead(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement is { ValueKind: JsonValueKind.Object } root
                && root.TryGetProperty("success", out var success) && success.ValueKind is JsonValueKind.False
                ? First(root, "error") ?? First(root, "errors")
                : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static GatewayFault? First(JsonElement root, string name) =>
        root.TryGetProperty(name, out var errors) && errors.ValueKind is JsonValueKind.Array && errors.GetArrayLength() > 0
        && errors[0] is { ValueKind: JsonValueKind.Object } error
        && error.TryGetProperty("code", out var code) && code.TryGetInt32(out var number)
            ? new GatewayFault(number, error.TryGetProperty("message", out var message) ? message.GetString() ?? "" : "")
            : null;
}
