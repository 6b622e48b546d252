using System.Globalization;
using System.Text.Json;

namespace GatewayOps.Emulator.Upstreams.Anthropic;

/// <summary>What the Anthropic API says about a member that is wrong: `messages.0.role: Field required`.</summary>
public sealed class AnthropicWords : FieldWords
{
    public static readonly AnthropicWords Instance = new();

    public override string Item(string path, int index) => string.Create(CultureInfo.InvariantCulture, $"{path}.{index}");

    public override RefusedException Missing(string path) => new($"{path}: Field required", path);

    public override RefusedException WrongType(string path, string expected, JsonElement given) => path.Length == 0
        ? new("Input should be a valid dictionary or object to extract fields from")
        : new($"{path}: Input should be a valid {Plain(expected)}", path);

    public override RefusedException NotOneOf(string path, string given, IReadOnlyList<string> allowed) =>
        new($"{path}: Input should be {string.Join(" or ", allowed.Select(one => $"'{one}'"))}", path);

    public override RefusedException OutOfRange(string path, double given, double bound, bool isLeast, bool isWhole) =>
        new($"{path}: Input should be {(isLeast ? "greater" : "less")} than or equal to {bound.ToString(CultureInfo.InvariantCulture)}", path);

    public override RefusedException Empty(string path) => new($"{path}: at least one message is required", path);

    private static string Plain(string expected) => expected switch
    {
        "an object" => "dictionary",
        "an array of objects" or "an array of strings" => "list",
        _ => expected[(expected.IndexOf(' ', StringComparison.Ordinal) + 1)..],
    };
}
