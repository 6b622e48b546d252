namespace GatewayOps.Rules;

/// <summary>A place in a JSON document. Source: RFC 6901.</summary>
internal readonly record struct JsonPointer(string Text)
{
    public static JsonPointer Root { get; } = new("");

    public JsonPointer Then(string name) =>
        new($"{Text}/{name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}");

    public JsonPointer Then(int index) => new($"{Text}/{index}");

    public override string ToString() => Text;
}
