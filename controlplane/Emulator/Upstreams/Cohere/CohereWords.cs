using System.Globalization;
using System.Text.Json;

namespace GatewayOps.Emulator.Upstreams.Cohere;

/// <summary>What the Cohere API says about a member that is wrong.</summary>
public sealed class CohereWords : FieldWords
{
    public static readonly CohereWords Instance = new();

    public override RefusedException Missing(string path) => new($"invalid request: {path} is required.", path);

    public override RefusedException WrongType(string path, string expected, JsonElement given) => path.Length == 0
        ? new("invalid request: the body must be a JSON object.")
        : new($"invalid type: parameter {path} is of type {Plain(KindOf(given))} but should be of type {Plain(expected)}.", path);

    public override RefusedException NotOneOf(string path, string given, IReadOnlyList<string> allowed) =>
        new($"invalid request: {path} must be one of {string.Join(", ", allowed)}.", path);

    public override RefusedException OutOfRange(string path, double given, double bound, bool isLeast, bool isWhole) =>
        new($"invalid request: {path} must be at {(isLeast ? "least" : "most")} {bound.ToString(CultureInfo.InvariantCulture)}.", path);

    public override RefusedException Empty(string path) => new($"invalid request: {path} must have at least 1 element.", path);

    private static string Plain(string withArticle) => withArticle[(withArticle.IndexOf(' ', StringComparison.Ordinal) + 1)..];
}
