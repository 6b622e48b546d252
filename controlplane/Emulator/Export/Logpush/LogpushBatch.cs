using System.Globalization;
using System.IO.Compression;
using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.Export.Logpush;

/// <summary>Lines of one delivery: newline-delimited JSON, gzipped.</summary>
public sealed record LogpushBatch(DateTimeOffset Start, DateTimeOffset End, byte[] Gzip)
{
    public const int MostLines = 1000;

    /// <summary>Of a file: first and last time, and chance, as Logpush names them.</summary>
    public string Name { get; } = $"{Stamp(Start)}_{Stamp(End)}_{Identifier.NewShortHex()}.log.gz";

    /// <param name="lines">At least one.</param>
    public static LogpushBatch Of(IReadOnlyList<(DateTimeOffset Time, byte[] Line)> lines)
    {
        using var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionLevel.Fastest, leaveOpen: true))
        {
            foreach (var (_, line) in lines)
            {
                gzip.Write(line);
                gzip.WriteByte((byte)'\n');
            }
        }
        return new LogpushBatch(lines.Min(line => line.Time), lines.Max(line => line.Time), bytes.ToArray());
    }

    private static string Stamp(DateTimeOffset time) => time.UtcDateTime.ToString("yyyyMMddTHHmmssZ", CultureInfo.InvariantCulture);
}
