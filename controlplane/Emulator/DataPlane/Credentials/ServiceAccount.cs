using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace GatewayOps.Emulator.DataPlane.Credentials;

/// <summary>
/// A service account of Google with a region: the JSON that Vertex is called with, stored or, in base64, as the caller's bearer token (contract 4.1, 11).
/// The real gateway trades it for an access token at Google's `token_uri`; here nobody is asked, and the token is derived from the account.
/// </summary>
public sealed record ServiceAccount(string ClientEmail, string ProjectId, string Region, string Fingerprint)
{
    /// <summary>Stable for one account and key.</summary>
    public string AccessToken => "ya29.emulated-" + Fingerprint;

    /// <summary>Null when the text is no service account.</summary>
    public static ServiceAccount? Read(string secret)
    {
        if (!secret.StartsWith('{'))
            return null;
        try
        {
            using var document = JsonDocument.Parse(secret);
            var account = document.RootElement;
            return Text("client_email") is { } email && Text("private_key") is { } key
                ? new ServiceAccount(email, Text("project_id") ?? "", Text("region") ?? "", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(email + "\n" + key)))[..32])
                : null;

            string? Text(string name) => account.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    public static ServiceAccount? ReadBase64(string? token)
    {
        // "{" in base64 begins with e: an access token is told apart without a try.
        if (token is not { Length: > 40 } || token[0] is not ('e' or 'i'))
            return null;
        var bytes = new byte[token.Length];
        return Convert.TryFromBase64String(token, bytes, out var length) ? Read(Encoding.UTF8.GetString(bytes, 0, length).Trim()) : null;
    }

    public override string ToString() => $"service account {ClientEmail}";
}
