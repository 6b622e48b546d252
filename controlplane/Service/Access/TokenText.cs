using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace GatewayOps.ControlPlane.Access;

/// <summary>
/// How an issued operator token is written: `gwo_`, then 48 characters of base64url over 32 random bytes and the first 4 bytes of the SHA-256 of prefix and random bytes. The prefix is for
/// scanners of leaked secrets; the checksum tells a token that was cut or mistyped from one that is not known, without asking anybody.
/// </summary>
public static class TokenText
{
    public const string Prefix = "gwo_";

    private const int RandomBytes = 32;
    private const int ChecksumBytes = 4;

    public static string New() => Of(RandomNumberGenerator.GetBytes(RandomBytes));

    /// <summary>SHA-256 of the token: all that is stored of it.</summary>
    public static byte[] Digest(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));

    /// <summary>Whether it has the shape of an issued token, but cannot be one.</summary>
    public static bool IsMistyped(string presented)
    {
        if (!presented.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return false;
        }

        var bytes = new byte[RandomBytes + ChecksumBytes];
        return presented.Length != Prefix.Length + Base64Url.GetEncodedLength(bytes.Length)
            || !Base64Url.IsValid(presented.AsSpan(Prefix.Length))
            || Base64Url.DecodeFromChars(presented.AsSpan(Prefix.Length), bytes) != bytes.Length
            || Of(bytes.AsSpan(0, RandomBytes)) != presented;
    }

    private static string Of(ReadOnlySpan<byte> random)
    {
        var sum = SHA256.HashData([.. Encoding.ASCII.GetBytes(Prefix), .. random]);
        return Prefix + Base64Url.EncodeToString([.. random, .. sum.AsSpan(0, ChecksumBytes)]);
    }
}
