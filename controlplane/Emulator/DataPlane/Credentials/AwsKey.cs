using System.Text.Json;

namespace GatewayOps.Emulator.DataPlane.Credentials;

/// <summary>A stored key of Bedrock: `{accessKeyId, secretAccessKey, region, sessionToken?}` (contract 4.1).</summary>
public sealed record AwsKey(string AccessKeyId, string SecretAccessKey, string Region, string? SessionToken)
{
    /// <summary>Null when the text is something else, such as an API key of Bedrock, which is a plain bearer token.</summary>
    public static AwsKey? Read(string secret)
    {
        if (!secret.StartsWith('{'))
            return null;
        try
        {
            using var document = JsonDocument.Parse(secret);
            var key = document.RootElement;
            return Text("accessKeyId") is { } id && Text("secretAccessKey") is { } access && Text("region") is { } region
                ? new AwsKey(id, access, region, Text("sessionToken"))
                : null;

            string? Text(string name) =>
                key.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text && !text.Any(char.IsControl) ? text : null;
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    public override string ToString() => $"AWS key {AccessKeyId}";
}
