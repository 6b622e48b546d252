using System.Globalization;
using System.Text.Json;

namespace GatewayOps.Emulator.Upstreams.Bedrock;

/// <summary>What AWS says about a member that is wrong.</summary>
public sealed class BedrockWords : FieldWords
{
    public static readonly BedrockWords Instance = new();

    public override string Item(string path, int index) => string.Create(CultureInfo.InvariantCulture, $"{path}.{index + 1}.member");

    public override RefusedException Missing(string path) =>
        new($"1 validation error detected: Value null at '{path}' failed to satisfy constraint: Member must not be null", path);

    public override RefusedException WrongType(string path, string expected, JsonElement given) => path.Length == 0
        ? new("The format of the value is invalid: expected an object.")
        : new($"The format of value at '{path}' is invalid: expected {expected}.", path);

    public override RefusedException NotOneOf(string path, string given, IReadOnlyList<string> allowed) => new(
        $"1 validation error detected: Value '{given}' at '{path}' failed to satisfy constraint: Member must satisfy enum value set: [{string.Join(", ", allowed)}]", path);

    public override RefusedException OutOfRange(string path, double given, double bound, bool isLeast, bool isWhole) => new(
        $"1 validation error detected: Value '{given.ToString(CultureInfo.InvariantCulture)}' at '{path}' failed to satisfy constraint: Member must have value "
        + $"{(isLeast ? "greater" : "less")} than or equal to {bound.ToString(CultureInfo.InvariantCulture)}", path);

    public override RefusedException Empty(string path) => new($"The {path} list must not be empty.", path);
}
