using System.Buffers.Binary;
using System.Buffers.Text;
using System.IO.Compression;
using System.Numerics;

namespace GatewayOps.Tokenizer;

/// <summary>
/// The tokens of an encoding and their ranks. A rank is the token's id, and the lower of two is merged first. Immutable after loading: 4 MB for cl100k_base, 8 MB for o200k_base.
/// </summary>
internal sealed class RankTable
{
    /// <summary>Of a text that is no token.</summary>
    public const int None = int.MaxValue;

    // A slot is a rank + 1 and, above it, a part of the hash that spares most comparisons.
    private const int RankBits = 18;
    private const uint RankMask = (1u << RankBits) - 1;

    private readonly byte[] _bytes;
    private readonly int[] _starts;
    private readonly uint[] _slots;
    private readonly int[] _pairs;

    private RankTable(byte[] bytes, int[] starts)
    {
        (_bytes, _starts, Count) = (bytes, starts, starts.Length - 1);
        if (Count >= RankMask)
            throw new InvalidDataException($"{Count} tokens are more than a slot can tell apart.");
        _slots = new uint[BitOperations.RoundUpToPowerOf2((uint)Count * 2)];
        _pairs = new int[1 << 16];
        Array.Fill(_pairs, None);
        for (var rank = 0; rank < Count; rank++)
            Add(rank);
    }

    public int Count { get; }

    /// <summary>Reads the published form: a token in base64, a blank and its rank on each line, in the order of ranks.</summary>
    public static RankTable Load(string resource)
    {
        using var compressed = typeof(RankTable).Assembly.GetManifestResourceStream(resource) ?? throw new InvalidDataException($"The program has no rank data {resource}.");
        using var text = new MemoryStream(4 << 20);
        using (var plain = new GZipStream(compressed, CompressionMode.Decompress))
            plain.CopyTo(text);

        var lines = text.GetBuffer().AsSpan(0, (int)text.Length);
        var bytes = new byte[Base64.GetMaxDecodedFromUtf8Length(lines.Length)];
        var starts = new List<int>(200_000) { 0 };
        while (!lines.IsEmpty)
        {
            var end = lines.IndexOf((byte)'\n') is var found and >= 0 ? found : lines.Length;
            var line = lines[..end];
            lines = lines[Math.Min(end + 1, lines.Length)..];
            var blank = line.IndexOf((byte)' ');
            if (blank <= 0 || !Utf8Parser.TryParse(line[(blank + 1)..], out int rank, out _) || rank != starts.Count - 1)
                throw new InvalidDataException($"{resource} is damaged at line {starts.Count}.");
            Base64.DecodeFromUtf8(line[..blank], bytes.AsSpan(starts[^1]), out _, out var length);
            starts.Add(starts[^1] + length);
        }

        return new RankTable(bytes.AsSpan(0, starts[^1]).ToArray(), [.. starts]);
    }

    /// <summary>The rank of a token, or <see cref="None"/>.</summary>
    public int Of(ReadOnlySpan<byte> token)
    {
        if (token.Length == 2)
            return _pairs[BinaryPrimitives.ReadUInt16LittleEndian(token)];
        var hash = Hash(token);
        var tag = hash & ~RankMask;
        for (var at = hash & (uint)(_slots.Length - 1); _slots[at] is var slot and not 0; at = (at + 1) & (uint)(_slots.Length - 1))
        {
            var rank = (int)(slot & RankMask) - 1;
            if ((slot & ~RankMask) == tag && Token(rank).SequenceEqual(token))
                return rank;
        }

        return None;
    }

    private void Add(int rank)
    {
        var token = Token(rank);
        if (token.Length == 2)
            _pairs[BinaryPrimitives.ReadUInt16LittleEndian(token)] = rank;
        var hash = Hash(token);
        var at = hash & (uint)(_slots.Length - 1);
        while (_slots[at] != 0)
            at = (at + 1) & (uint)(_slots.Length - 1);
        _slots[at] = (hash & ~RankMask) | (uint)(rank + 1);
    }

    private ReadOnlySpan<byte> Token(int rank) => _bytes.AsSpan(_starts[rank]..(_starts[rank + 1]));

    // Eight bytes a step. The keys are OpenAI's, not a caller's: nobody can choose them to collide, and a text that looks for them visits few slots.
    private static uint Hash(ReadOnlySpan<byte> token)
    {
        const ulong Factor = 0x9E3779B97F4A7C15;
        var hash = (ulong)token.Length * Factor;
        while (token.Length >= sizeof(ulong))
        {
            hash = (BitOperations.RotateLeft(hash, 23) ^ BinaryPrimitives.ReadUInt64LittleEndian(token)) * Factor;
            token = token[sizeof(ulong)..];
        }

        ulong rest = 0;
        for (var i = 0; i < token.Length; i++)
            rest |= (ulong)token[i] << (8 * i);
        hash = (BitOperations.RotateLeft(hash, 23) ^ rest) * Factor;
        return (uint)((hash ^ (hash >> 29)) * Factor >> 32);
    }
}
