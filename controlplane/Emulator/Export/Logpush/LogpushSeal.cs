using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace GatewayOps.Emulator.Export.Logpush;

/// <summary>
/// Seals what of a log only its owner may read (contract 14, Logpush): AES-256-GCM under a key of the log's own, which is wrapped with RSA-OAEP-SHA256.
/// `data` is the ciphertext with its 16-byte tag behind it, as WebCrypto has it; everything in base64.
/// </summary>
public sealed class LogpushSeal
{
    private const int TagBytes = 16;

    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private readonly string _wrapped;

    /// <exception cref="CryptographicException">The key is too short for this.</exception>
    public LogpushSeal(RSA publicKey) => _wrapped = Convert.ToBase64String(publicKey.Encrypt(_key, RSAEncryptionPadding.OaepSHA256));

    /// <summary>`{key, iv, data}`; an empty object for nothing.</summary>
    public JsonObject Over(byte[]? content)
    {
        if (content is null)
            return [];
        var iv = RandomNumberGenerator.GetBytes(12);
        var data = new byte[content.Length + TagBytes];
        using var aes = new AesGcm(_key, TagBytes);
        aes.Encrypt(iv, content, data.AsSpan(0, content.Length), data.AsSpan(content.Length));
        return new JsonObject { ["key"] = _wrapped, ["iv"] = Convert.ToBase64String(iv), ["data"] = Convert.ToBase64String(data) };
    }

    public JsonObject Over(string content) => Over(Encoding.UTF8.GetBytes(content));

    /// <summary>Null for a text that is no RSA public key in PEM.</summary>
    public static RSA? Read(string pem)
    {
        var key = RSA.Create();
        try
        {
            key.ImportFromPem(pem);
            return key;
        }
        catch (Exception unreadable) when (unreadable is ArgumentException or CryptographicException)
        {
            key.Dispose();
            return null;
        }
    }
}
