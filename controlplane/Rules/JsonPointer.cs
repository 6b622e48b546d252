namespace GatewayOps.Rules;

/// <summary>A place in a JSON document. Source: RFC 6901.</summary>
public readonly record struct JsonPointer(string Text)
{
    public static JsonPointer Root { get; } = new("");

    public JsonPointer Then(string name) => new($"{Text}/{Escape(name)}");

    public JsonPointer Then(int index) => new($"{Text}/{index}");

    public override string ToString() => Text;

    /// <summary>A member's name as a step.</summary>
    public static string Escape(string name) => name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
}
