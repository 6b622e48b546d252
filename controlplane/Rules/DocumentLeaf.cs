using System.Text.Json;
using GatewayOps.Rules.Reading;

namespace GatewayOps.Rules;

/// <summary>
/// One thing that a document says: a scalar, a list of scalars, one gateway field of `settings` whole, or one condition of a route whole. What is empty says nothing and is no leaf.
/// <paramref name="Value"/> is canonical JSON.
/// </summary>
public sealed record DocumentLeaf(string Pointer, string Value)
{
    internal static IReadOnlyList<DocumentLeaf> Of(JsonElement root) => [.. Below(root, JsonPointer.Root)];

    private static IEnumerable<DocumentLeaf> Below(JsonElement value, JsonPointer at)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object when at.Text == "/settings":
                return value.EnumerateObject().Select(field => Leaf(field.Value, at.Then(field.Name)));
            case JsonValueKind.Object:
                return value.EnumerateObject().SelectMany(member => member.Name == "conditions" && at.Text.StartsWith("/routes/", StringComparison.Ordinal)
                    ? [Leaf(member.Value, at.Then(member.Name))]
                    : Below(member.Value, at.Then(member.Name)));
            case JsonValueKind.Array when value.GetArrayLength() == 0:
                return [];
            case JsonValueKind.Array when value[0].ValueKind == JsonValueKind.Object:
                return value.EnumerateArray().SelectMany((item, index) => Below(item, at.Then(index)));
            default:
                return [Leaf(value, at)];
        }
    }

    private static DocumentLeaf Leaf(JsonElement value, JsonPointer at) => new(at.Text, CanonicalJson.Text(value));
}
