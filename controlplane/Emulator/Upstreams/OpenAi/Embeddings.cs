using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace GatewayOps.Emulator.Upstreams.OpenAi;

/// <summary>POST embeddings: unit vectors that follow from the text alone, as floats or base64 of little-endian 32-bit floats.</summary>
public static class Embeddings
{
    private const int MostInputs = 2048;
    private const int MostDimensions = 3072;
    private const int UsualDimensions = 1536;

    /// <exception cref="ChatRequestException">The body is not one that the API accepts.</exception>
    public static byte[] Answer(JsonElement body, string model)
    {
        var inputs = Inputs(body);
        var size = Dimensions(body);
        var base64 = body.TryGetProperty("encoding_format", out var format) && format.ValueKind == JsonValueKind.String && format.ValueEquals("base64");

        var data = new JsonArray();
        foreach (var input in inputs)
        {
            var vector = Vector(input, size);
            data.Add(new JsonObject
            {
                ["object"] = "embedding",
                ["index"] = data.Count,
                ["embedding"] = base64 ? Base64(vector) : new JsonArray([.. vector.Select(value => (JsonNode)value)]),
            });
        }
        var tokens = inputs.Sum(SimulatedTokens.Count);
        return WireJson.Bytes(new JsonObject
        {
            ["object"] = "list",
            ["data"] = data,
            ["model"] = model,
            ["usage"] = new JsonObject { ["prompt_tokens"] = tokens, ["total_tokens"] = tokens },
        });
    }

    private static List<string> Inputs(JsonElement body)
    {
        if (!body.TryGetProperty("input", out var input))
            throw new ChatRequestException("Missing required parameter: 'input'.", "input", "missing_required_parameter");
        // An array of token numbers is one input; each element is read as text, which keeps it deterministic.
        List<string> inputs = input.ValueKind switch
        {
            JsonValueKind.String => [input.GetString()!],
            JsonValueKind.Array when input.EnumerateArray().All(one => one.ValueKind == JsonValueKind.Number) => [input.GetRawText()],
            JsonValueKind.Array => [.. input.EnumerateArray().Select(one => one.ValueKind == JsonValueKind.String ? one.GetString()! : one.GetRawText())],
            _ => throw new ChatRequestException("Invalid type for 'input': expected a string or an array.", "input", "invalid_type"),
        };
        return inputs.Count is > 0 and <= MostInputs
            ? inputs
            : throw new ChatRequestException($"Invalid 'input': expected 1 to {MostInputs} items.", "input", "invalid_value");
    }

    private static int Dimensions(JsonElement body)
    {
        if (!body.TryGetProperty("dimensions", out var value) || value.ValueKind == JsonValueKind.Null)
            return UsualDimensions;
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var size) && size is > 0 and <= MostDimensions
            ? size
            : throw new ChatRequestException($"Invalid 'dimensions': expected an integer from 1 to {MostDimensions}.", "dimensions", "invalid_value");
    }

    private static float[] Vector(string text, int size)
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

    private static string Base64(float[] vector)
    {
        var bytes = new byte[vector.Length * sizeof(float)];
        for (var at = 0; at < vector.Length; at++)
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(at * sizeof(float)), vector[at]);
        return Convert.ToBase64String(bytes);
    }
}
