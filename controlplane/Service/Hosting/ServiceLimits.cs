using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace GatewayOps.ControlPlane.Hosting;

/// <summary>What the server takes from a caller, who is not trusted. Beyond: 413, 414, 431 or 408.</summary>
public static class ServiceLimits
{
    public const long MaxBodyBytes = 30_000_000;

    public static void Apply(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = MaxBodyBytes;
        kestrel.Limits.MaxRequestHeaderCount = 100;
        kestrel.Limits.MaxRequestHeadersTotalSize = 32 * 1024;
        kestrel.Limits.MaxRequestLineSize = 8 * 1024;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(30);
        kestrel.RequestHeaderEncodingSelector = static name => name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase) ? DigitsOnly.Instance : null!;
    }

    /// <summary>
    /// Kestrel takes `Content-Length: +5` for 5, though RFC 9110 (8.6) allows digits only; a server behind or before us that reads it otherwise would
    /// see another request. Decoding everything but digits to a letter makes Kestrel itself answer 400.
    /// </summary>
    private sealed class DigitsOnly : Encoding
    {
        public static DigitsOnly Instance { get; } = new();

        public override int GetChars(byte[] bytes, int byteIndex, int byteCount, char[] chars, int charIndex)
        {
            for (var i = 0; i < byteCount; i++)
            {
                var value = (char)bytes[byteIndex + i];
                chars[charIndex + i] = char.IsAsciiDigit(value) ? value : 'x';
            }

            return byteCount;
        }

        public override int GetCharCount(byte[] bytes, int index, int count) => count;

        public override int GetMaxCharCount(int byteCount) => byteCount;

        public override int GetByteCount(char[] chars, int index, int count) => count;

        public override int GetBytes(char[] chars, int charIndex, int charCount, byte[] bytes, int byteIndex) =>
            ASCII.GetBytes(chars, charIndex, charCount, bytes, byteIndex);

        public override int GetMaxByteCount(int charCount) => charCount;
    }
}
