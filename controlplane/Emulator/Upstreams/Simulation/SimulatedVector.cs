using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace GatewayOps.Emulator.Upstreams.Simulation;

/// <summary>Embeddings: unit vectors that follow from the text alone, the same on every platform.</summary>
public static class SimulatedVector
{
    public static float[] Of(string text, int size)
    {
        // A short seed from the text, then a linear congruential walk (Knuth's constants): stable across platforms and runtimes.
        var state = BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        var vector = new float[size];
        var square = 0.0;
        for (var at = 0; at < size; at++)
        {
            state = unchecked(state * 6364136223846793005UL + 1442695040888963407UL);
            vector[at] = (state >> 40) / (float)(1 << 23) - 1f;
            square += (double)vector[at] * vector[at];
        }
        var length = (float)Math.Sqrt(square);
        for (var at = 0; at < size && length > 0; at++)
            vector[at] /= length;
        return vector;
    }

    /// <summary>Little-endian 32-bit floats.</summary>
    public static string Base64(ReadOnlySpan<float> vector)
    {
        var bytes = new byte[vector.Length * sizeof(float)];
        for (var at = 0; at < vector.Length; at++)
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(at * sizeof(float)), vector[at]);
        return Convert.ToBase64String(bytes);
    }

    /// <summary>How near two texts are, 0 to 1: the share of the query's words that the other one has. For rerankers.</summary>
    public static double Relevance(string query, string document)
    {
        var asked = Words(query);
        var found = Words(document);
        return asked.Count == 0 ? 0 : Math.Round(0.05 + 0.9 * asked.Count(found.Contains) / asked.Count, 6);
    }

    private static HashSet<string> Words(string text) =>
        new(text.Split([' ', '\n', '\t', ',', '.', ';', ':', '!', '?'], StringSplitOptions.RemoveEmptyEntries), StringComparer.OrdinalIgnoreCase);
}
