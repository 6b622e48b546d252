using System.Globalization;
using System.Text.Json;

namespace GatewayOps.Emulator.Upstreams.Gemini;

/// <summary>What Google's APIs say about a member that is wrong.</summary>
public sealed class GeminiWords : FieldWords
{
    public static readonly GeminiWords Instance = new();

    public override RefusedException Missing(string path) => new($"* GenerateContentRequest.{path}: {path} is not specified\n", path);

    public override RefusedException WrongType(string path, string expected, JsonElement given) => path.Length == 0
        ? new("Invalid JSON payload received. Unexpected token.")
        : new($"Invalid value at '{path}' (expected {expected}), {Excerpt(given)}", path);

    public override RefusedException NotOneOf(string path, string given, IReadOnlyList<string> allowed) => path.EndsWith("role", StringComparison.Ordinal)
        ? new($"Please use a valid role: {string.Join(", ", allowed)}.", path)
        : new($"Invalid value at '{path}' (expected one of {string.Join(", ", allowed)}), \"{given}\"", path);

    public override RefusedException OutOfRange(string path, double given, double bound, bool isLeast, bool isWhole) =>
        new($"Unable to submit request because it has a {path[(path.LastIndexOf('.') + 1)..]} value of {given.ToString(CultureInfo.InvariantCulture)} but the supported range is "
            + $"{(isLeast ? "from" : "to")} {bound.ToString(CultureInfo.InvariantCulture)} (inclusive). Update the value and try again.", path);

    public override RefusedException Empty(string path) => new($"* GenerateContentRequest.{path}: contents is not specified\n", path);

    private static string Excerpt(JsonElement value) => value.GetRawText() is { Length: > 60 } text ? text[..60] : value.GetRawText();
}
