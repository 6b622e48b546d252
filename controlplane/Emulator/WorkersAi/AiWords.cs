using System.Globalization;
using System.Text.Json;
using GatewayOps.Emulator.Upstreams;

namespace GatewayOps.Emulator.WorkersAi;

/// <summary>What Workers AI says about an input that does not fit the model's schema: `required properties at '/' are 'prompt'`.</summary>
public sealed class AiWords : FieldWords
{
    public static readonly AiWords Instance = new();

    public override string Item(string path, int index) => string.Create(CultureInfo.InvariantCulture, $"{path}/{index}");

    public override string Member(string path, string name) => $"{path}/{name}";

    public override RefusedException Missing(string path)
    {
        var slash = path.LastIndexOf('/');
        return new($"required properties at '{(slash == 0 ? "/" : path[..slash])}' are '{path[(slash + 1)..]}'", path);
    }

    public override RefusedException WrongType(string path, string expected, JsonElement given) =>
        new($"Type mismatch of '{(path.Length == 0 ? "/" : path)}', '{Plain(expected)}' not in '{Plain(KindOf(given))}'", path);

    public override RefusedException NotOneOf(string path, string given, IReadOnlyList<string> allowed) =>
        new($"enum value '{given}' at '{path}' not one of '{string.Join("','", allowed)}'", path);

    public override RefusedException OutOfRange(string path, double given, double bound, bool isLeast, bool isWhole) =>
        new($"{(isLeast ? "minimum" : "maximum")} of '{path}' is {bound.ToString(CultureInfo.InvariantCulture)}, got {given.ToString(CultureInfo.InvariantCulture)}", path);

    public override RefusedException Empty(string path) => new($"Length of '{path}' must be >= 1 not met", path);

    private static string Plain(string withArticle) => withArticle switch
    {
        "an array of objects" or "an array of strings" => "array",
        _ => withArticle[(withArticle.IndexOf(' ', StringComparison.Ordinal) + 1)..],
    };
}
