using System.Text.Json;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>A failure of Workers AI, as the gateway passes it on: `{"name":"AiError","internalCode","httpCode","message","description"}`. Source: Cloudflare contract, section 16.</summary>
internal sealed record WorkersAiFault(int Code, string Message)
{
    private const int NoSuchModel = 5007;
    private const int InvalidModelId = 3042;
    private const int DailyNeuronsUsed = 3036;

    /// <summary>Our code for it, where there is one.</summary>
    public string? OwnCode => Code switch
    {
        NoSuchModel or InvalidModelId => UnknownModel.Code,
        DailyNeuronsUsed => "insufficient_quota",
        _ => null,
    };

    /// <summary>What an envelope says in `errors`, joined; null for any other body. Source: checklist S4-11.</summary>
    public static string? Messages(ReadOnlyMemory<byte> body)
    {
        const int longest = 1000;
        try
        {
            using var document = JsonDocument.Parse(body);
            var messages = document.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("errors", out var errors) && errors.ValueKind is JsonValueKind.Array
                ? errors.EnumerateArray().Take(8)
                    .Select(error => error.ValueKind is JsonValueKind.Object && error.TryGetProperty("message", out var message) && message.ValueKind is JsonValueKind.String ? message.GetString() : null)
                    .Where(message => !string.IsNullOrEmpty(message))
                : [];
            var text = string.Join("; ", messages);
            return text.Length == 0 ? null : text.Length > longest ? text[..longest] : text;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Null for any other body.</summary>
    public static WorkersAiFault? TryRead(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement is { ValueKind: JsonValueKind.Object } root
                && root.TryGetProperty("name", out var name) && name.ValueKind is JsonValueKind.String && name.ValueEquals("AiError"u8)
                && root.TryGetProperty("internalCode", out var code) && code.ValueKind is JsonValueKind.Number && code.TryGetInt32(out var number)
                && root.TryGetProperty("message", out var message) && message.ValueKind is JsonValueKind.String
                    ? new WorkersAiFault(number, message.GetString()!)
                    : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
