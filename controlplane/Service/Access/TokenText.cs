using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace GatewayOps.ControlPlane.Access;

/// <summary>
/// How an issued token is written: `gwo_` (operators) or `gwk_` (virtual keys), then 48 characters of base64url over 32 random bytes and the first 4 bytes of the SHA-256 of prefix and random
/// bytes. The prefix is for scanners of leaked secrets; the checksum tells a token that was cut or mistyped from one that is not known, without asking anybody.
/// </summary>
public static class TokenText
{
    public const string OperatorPrefix = "gwo_";
    public const string KeyPrefix = "gwk_";

    private const int RandomBytes = 32;
    private const int ChecksumBytes = 4;

    /// <summary>Bytes; no token of ours has as many.</summary>
    private const int Ordinary = 256;

    /// <summary>A new token of the kind that <paramref name="prefix"/> says.</summary>
    public static string New(string prefix) => Of(prefix, RandomNumberGenerator.GetBytes(RandomBytes));

    /// <summary>SHA-256 of the token: all that is stored of it.</summary>
    public static byte[] Digest(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));

    /// <summary>The same, into the 32 bytes of <paramref name="digest"/>.</summary>
    public static void Digest(string token, Span<byte> digest)
    {
        var length = Encoding.UTF8.GetMaxByteCount(token.Length);
        var bytes = length <= Ordinary ? stackalloc byte[Ordinary] : new byte[length];
        SHA256.HashData(bytes[..Encoding.UTF8.GetBytes(token, bytes)], digest);
    }

    /// <summary><see cref="Digest(string)"/> in hex, as tokens are looked up by.</summary>
    public static string Key(string token) => Key(Digest(token));

    public static string Key(byte[] digest) => Convert.ToHexStringLower(digest);

    /// <summary>Whether it has the shape of an issued token of the kind that <paramref name="prefix"/> says, but cannot be one.</summary>
    public static bool IsMistyped(string presented, string prefix)
    {
        if (!presented.StartsWith(prefix, StringComparison.Ordinal))
        {
            return false;
        }

        var bytes = new byte[RandomBytes + ChecksumBytes];
        return presented.Length != prefix.Length + Base64Url.GetEncodedLength(bytes.Length)
            || !Base64Url.IsValid(presented.AsSpan(prefix.Length))
            || Base64Url.DecodeFromChars(presented.AsSpan(prefix.Length), bytes) != bytes.Length
            || Of(prefix, bytes.AsSpan(0, RandomBytes)) != presented;
    }

    private static string Of(string prefix, ReadOnlySpan<byte> random)
    {
        var sum = SHA256.HashData([.. Encoding.ASCII.GetBytes(prefix), .. random]);
        return prefix + Base64Url.EncodeToString([.. random, .. sum.AsSpan(0, ChecksumBytes)]);
    }
}
