using System.Security.Cryptography;

namespace GatewayOps.Emulator.State;

/// <summary>Ids as Cloudflare writes them.</summary>
public static class Identifier
{
    /// <summary>32 hexadecimal digits.</summary>
    public static string NewHex() => RandomNumberGenerator.GetHexString(32, lowercase: true);

    /// <summary>8 hexadecimal digits: a spend rule's id.</summary>
    public static string NewShortHex() => RandomNumberGenerator.GetHexString(8, lowercase: true);

    public static string NewUuid() => Guid.NewGuid().ToString("D");
}
