using System.Text.Json;
using GatewayOps.Emulator.Upstreams.Simulation;

namespace GatewayOps.Emulator.Upstreams.OpenAi;

/// <summary>POST embeddings: unit vectors that follow from the text alone, as floats or base64 of little-endian 32-bit floats.</summary>
public static class Embeddings
{
    private const int MostInputs = 2048;
    private const int MostTokens = 8192;

    private static readonly string[] Formats = ["float", "base64"];

    public static Operation At(string path, ErrorDialect? errors = null) => new("POST", path, errors ?? OpenAiErrors.OpenAi, Answer);

    private static UpstreamReply Answer(SimulatedCall call)
    {
        var body = call.Body(OpenAiWords.Instance);
        var model = body.Text("model") ?? ChatOperation.DeploymentOf(call) ?? throw body.Missing("model");
        call.Provider.RequireModel(model);
        return UpstreamReply.Json(200, Answer(body, model, KnownModels.DimensionsOf(model)).Json);
    }

    /// <param name="most">Dimensions of the model.</param>
    /// <exception cref="RefusedException">The first thing that is wrong.</exception>
    public static (byte[] Json, int Tokens) Answer(Fields body, string model, int most)
    {
        var inputs = Inputs(body);
        var size = Dimensions(body, model, most);
        var base64 = body.OneOf("encoding_format", Formats) == "base64";
        var tokens = inputs.Sum(input => SimulatedTokens.Count(input));
        return (WireJson.Bytes((model, inputs, size, base64, tokens), static (json, asked) => Write(json, asked.model, asked.inputs, asked.size, asked.base64, asked.tokens)), tokens);
    }

    private static void Write(Utf8JsonWriter json, string model, IReadOnlyList<string> inputs, int size, bool base64, int tokens)
    {
        json.WriteStartObject();
        json.WriteString("object"u8, "list"u8);
        json.WriteStartArray("data"u8);
        for (var index = 0; index < inputs.Count; index++)
        {
            json.WriteStartObject();
            json.WriteString("object"u8, "embedding"u8);
            json.WriteNumber("index"u8, index);
            var vector = SimulatedVector.Of(inputs[index], size);
            if (base64)
                json.WriteString("embedding"u8, SimulatedVector.Base64(vector));
            else
                json.WriteNumbers("embedding"u8, vector);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteString("model"u8, model);
        json.WriteStartObject("usage"u8);
        json.WriteNumber("prompt_tokens"u8, tokens);
        json.WriteNumber("total_tokens"u8, tokens);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static IReadOnlyList<string> Inputs(Fields body)
    {
        if (!body.Has("input", out var input))
            throw body.Missing("input");
        var inputs = TextInputs.Read(input, "input", body.Words);
        if (inputs.Count is 0 or > MostInputs)
            throw new RefusedException($"Invalid 'input': expected 1 to {MostInputs} items, but got {inputs.Count} instead.", "input", "invalid_value");
        foreach (var text in inputs)
        {
            if (text.Length == 0)
                throw new RefusedException("Invalid 'input': input cannot be an empty string.", "input", "invalid_value");
            if (text.Length > MostTokens && SimulatedTokens.Count(text) is > MostTokens and var tokens)
            {
                throw new RefusedException(
                    $"This model's maximum context length is {MostTokens} tokens, however you requested {tokens} tokens ({tokens} in your prompt; 0 for the completion). "
                    + "Please reduce your prompt; or completion length.", "input");
            }
        }
        return inputs;
    }

    private static int Dimensions(Fields body, string model, int most)
    {
        if (body.Whole("dimensions", 1) is not { } asked)
            return most;
        if (model == "text-embedding-ada-002")
            throw new RefusedException("This model does not support specifying dimensions.", "dimensions");
        return asked <= most
            ? asked
            : throw new RefusedException($"Invalid value for 'dimensions' = {asked}. Must be less than or equal to {most}.", "dimensions", "invalid_value");
    }
}
