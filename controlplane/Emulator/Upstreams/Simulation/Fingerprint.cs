using System.Security.Cryptography;
using System.Text;

namespace GatewayOps.Emulator.Upstreams.Simulation;

/// <summary>64 hexadecimal digits that follow from the content alone: ids of what the simulators make.</summary>
public static class Fingerprint
{
    public static string Of(ReadOnlySpan<byte> bytes)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, hash);
        return Convert.ToHexStringLower(hash);
    }

    public static string Of(string text) => Of(Encoding.UTF8.GetBytes(text));

    /// <summary>The same content as a UUID; version and variant bits are those of a random one.</summary>
    public static string Uuid(string digest) => $"{digest[..8]}-{digest[8..12]}-4{digest[13..16]}-a{digest[17..20]}-{digest[20..32]}";
}
