using GatewayOps.Emulator.Upstreams;
using GatewayOps.Emulator.WorkersAi.Catalogue;

namespace GatewayOps.Emulator.WorkersAi.Running;

/// <summary>One run of one model.</summary>
/// <param name="Json">The input; null where the body is no JSON object.</param>
/// <param name="Raw">The body as it came: audio or an image for the models that take them so.</param>
/// <param name="Digest">64 hexadecimal digits that follow from the input alone.</param>
/// <param name="Now">Unix seconds.</param>
public sealed record AiInput(AiModel Model, Fields? Json, ReadOnlyMemory<byte> Raw, string Digest, long Now)
{
    /// <exception cref="AiFailedException">3003: there is none.</exception>
    public Fields Fields => Json ?? throw new AiFailedException(AiFailure.Incomplete("body"));

    /// <summary>Bytes of a member that is base64, a data URL or an array of numbers; or the body itself. 0 where there is none of these.</summary>
    /// <exception cref="AiFailedException">5004: a text that is no base64.</exception>
    public int MediaLength(string member)
    {
        if (Json is not { } fields)
            return Raw.Length;
        if (!fields.Has(member, out var value))
            return 0;
        if (value.ValueKind == System.Text.Json.JsonValueKind.Array)
            return value.GetArrayLength();
        if (value.ValueKind != System.Text.Json.JsonValueKind.String)
            throw new AiFailedException(AiFailure.InvalidBase64(value.ValueKind.ToString().ToLowerInvariant()));
        var text = value.GetString()!;
        var base64 = text[(text.IndexOf(',', StringComparison.Ordinal) + 1)..];
        var bytes = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, bytes, out var length) ? length : throw new AiFailedException(AiFailure.InvalidBase64("string"));
    }
}
