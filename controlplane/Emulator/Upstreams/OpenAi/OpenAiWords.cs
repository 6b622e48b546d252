using System.Globalization;
using System.Text.Json;

namespace GatewayOps.Emulator.Upstreams.OpenAi;

/// <summary>What the OpenAI API says about a member that is wrong.</summary>
public sealed class OpenAiWords : FieldWords
{
    public static readonly OpenAiWords Instance = new();

    public override RefusedException Missing(string path) => path == "model"
        ? new("you must provide a model parameter", path)
        : new($"Missing required parameter: '{path}'.", path, "missing_required_parameter");

    public override RefusedException WrongType(string path, string expected, JsonElement given) => path.Length == 0
        ? new("The body must be a JSON object.")
        : new($"Invalid type for '{path}': expected {expected}, but got {KindOf(given)} instead.", path, "invalid_type");

    public override RefusedException NotOneOf(string path, string given, IReadOnlyList<string> allowed) =>
        new($"Invalid value: '{given}'. Supported values are: {Listed(allowed)}.", path, "invalid_value");

    public override RefusedException OutOfRange(string path, double given, double bound, bool isLeast, bool isWhole)
    {
        var (kind, side, sign) = (isWhole ? "integer" : "decimal", isLeast ? "below minimum" : "above maximum", isLeast ? ">=" : "<=");
        return new(
            $"Invalid '{path}': {kind} {side} value. Expected a value {sign} {Number(bound)}, but got {Number(given)} instead.",
            path, $"{kind}_{(isLeast ? "below_min" : "above_max")}_value");
    }

    public override RefusedException Empty(string path) =>
        new($"Invalid '{path}': empty array. Expected an array with minimum length 1, but got an empty array instead.", path, "empty_array");

    private static string Number(double number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Listed(IReadOnlyList<string> values) =>
        string.Join(", ", values.Select((value, index) => index > 0 && index == values.Count - 1 ? $"and '{value}'" : $"'{value}'"));
}
