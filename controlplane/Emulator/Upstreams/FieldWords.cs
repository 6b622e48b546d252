using System.Text.Json;

namespace GatewayOps.Emulator.Upstreams;

/// <summary>What one provider's API says about a member that is wrong, and how it writes where that is.</summary>
public abstract class FieldWords
{
    public virtual string Item(string path, int index) => $"{path}[{index}]";

    public virtual string Member(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    public abstract RefusedException Missing(string path);

    /// <param name="expected">With its article: `a string`, `an array of objects`.</param>
    public abstract RefusedException WrongType(string path, string expected, JsonElement given);

    public abstract RefusedException NotOneOf(string path, string given, IReadOnlyList<string> allowed);

    /// <param name="isLeast">The bound is the smallest allowed value; otherwise the largest.</param>
    public abstract RefusedException OutOfRange(string path, double given, double bound, bool isLeast, bool isWhole);

    public abstract RefusedException Empty(string path);

    /// <summary>The JSON type with its article, as messages name what they got.</summary>
    protected static string KindOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        JsonValueKind.True or JsonValueKind.False => "a boolean",
        JsonValueKind.Array => "an array",
        JsonValueKind.Object => "an object",
        _ => "null",
    };
}
