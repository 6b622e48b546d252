using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace GatewayOps.Emulator.Upstreams.Simulation;

/// <summary>Images and sounds that real decoders accept: small, and the same for the same request.</summary>
public static class SimulatedMedia
{
    private const int SampleRate = 8000;

    /// <summary>Eight by eight pixels in a colour that follows from the digest.</summary>
    public static byte[] Png(string digest)
    {
        const int side = 8;
        byte[] colour = [.. Convert.FromHexString(digest[..6])];
        var raw = new byte[side * (1 + side * 3)];
        for (var row = 0; row < side; row++)
            for (var column = 0; column < side; column++)
                colour.CopyTo(raw, row * (1 + side * 3) + 1 + column * 3);
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            zlib.Write(raw);

        using var png = new MemoryStream();
        png.Write([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]);
        Chunk(png, "IHDR", [0, 0, 0, side, 0, 0, 0, side, 8, 2, 0, 0, 0]);
        Chunk(png, "IDAT", packed.ToArray());
        Chunk(png, "IEND", []);
        return png.ToArray();
    }

    /// <summary>Silence, as long as the text: a tenth of a second a token. 16-bit mono PCM at 8 kHz.</summary>
    public static byte[] Wav(string text)
    {
        var data = Math.Min(SimulatedTokens.Count(text), 600) * SampleRate / 10 * sizeof(short);
        var wav = new byte[44 + data];
        "RIFF"u8.CopyTo(wav);
        BinaryPrimitives.WriteInt32LittleEndian(wav.AsSpan(4), 36 + data);
        "WAVEfmt "u8.CopyTo(wav.AsSpan(8));
        BinaryPrimitives.WriteInt32LittleEndian(wav.AsSpan(16), 16);
        BinaryPrimitives.WriteInt16LittleEndian(wav.AsSpan(20), 1);
        BinaryPrimitives.WriteInt16LittleEndian(wav.AsSpan(22), 1);
        BinaryPrimitives.WriteInt32LittleEndian(wav.AsSpan(24), SampleRate);
        BinaryPrimitives.WriteInt32LittleEndian(wav.AsSpan(28), SampleRate * sizeof(short));
        BinaryPrimitives.WriteInt16LittleEndian(wav.AsSpan(32), sizeof(short));
        BinaryPrimitives.WriteInt16LittleEndian(wav.AsSpan(34), 16);
        "data"u8.CopyTo(wav.AsSpan(36));
        BinaryPrimitives.WriteInt32LittleEndian(wav.AsSpan(40), data);
        return wav;
    }

    /// <summary>MPEG-1 layer III frames of silence (32 kbit/s, 44.1 kHz, mono), four for a token.</summary>
    public static byte[] Mp3(string text)
    {
        const int frame = 104;
        var frames = Math.Min(Math.Max(1, SimulatedTokens.Count(text)), 600) * 4;
        var mp3 = new byte[frames * frame];
        for (var at = 0; at < frames; at++)
            ((ReadOnlySpan<byte>)[0xFF, 0xFB, 0x10, 0xC0]).CopyTo(mp3.AsSpan(at * frame));
        return mp3;
    }

    /// <summary>What a transcription says about audio that nobody heard.</summary>
    public static string Heard(int bytes) => $"You said something in {bytes} bytes of audio.";

    private static void Chunk(MemoryStream png, string name, ReadOnlySpan<byte> data)
    {
        byte[] body = [.. Encoding.ASCII.GetBytes(name), .. data];
        Span<byte> number = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        png.Write(number);
        png.Write(body);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc32.Of(body));
        png.Write(number);
    }
}
