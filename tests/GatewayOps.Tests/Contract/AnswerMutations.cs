using System.Text.Json;
using System.Text.Json.Nodes;

namespace GatewayOps.Tests.Contract;

/// <summary>An answer with one thing wrong: a member that the schema requires is gone, or a value is of a type that it does not allow.</summary>
internal sealed record AnswerMutation(string What, JsonElement Answer);

/// <summary>Every way to break an answer by one required member or one type.</summary>
internal sealed class AnswerMutations
{
    private static readonly (string Type, string Value)[] Others = [("null", "null"), ("boolean", "true"), ("number", "1.5"), ("string", "\"\""), ("array", "[]"), ("object", "{}")];

    private readonly JsonNode _root;
    private readonly List<AnswerMutation> _found = [];
    private readonly HashSet<string> _schemas = [];

    private AnswerMutations(JsonElement answer) => _root = JsonSerializer.SerializeToNode(answer)!;

    /// <summary>The named schemas of the document that the answer has values of.</summary>
    public IReadOnlySet<string> Schemas => _schemas;

    public IReadOnlyList<AnswerMutation> Found => _found;

    public static AnswerMutations Of(JsonSchema schema, JsonElement answer)
    {
        var mutations = new AnswerMutations(answer);
        mutations.Walk([schema], answer, mutations._root, "");
        return mutations;
    }

    private void Walk(IEnumerable<JsonSchema> schemas, JsonElement value, JsonNode? node, string pointer)
    {
        JsonSchema[] applying = [.. schemas.SelectMany(schema => schema.Applying(value, Traffic.Response))];
        _schemas.UnionWith(applying.Select(schema => schema.Name).OfType<string>());
        if (node is JsonObject members)
            WalkMembers(applying, value, members, pointer);
        else if (node is JsonArray items)
            WalkItems([.. applying.Select(schema => schema.Items).OfType<JsonSchema>()], value, items, pointer);
    }

    private void WalkMembers(JsonSchema[] applying, JsonElement value, JsonObject members, string pointer)
    {
        foreach (var name in applying.SelectMany(schema => schema.Required).Distinct())
        {
            var copy = (JsonObject)members.DeepClone();
            copy.Remove(name);
            Replace(members, copy, $"{pointer}/{name} is gone");
        }
        foreach (var member in value.EnumerateObject())
        {
            JsonSchema[] own = [.. JsonSchema.OfMember(applying, member.Name)];
            foreach (var other in WrongTypes(own))
            {
                var kept = members[member.Name];
                members[member.Name] = JsonNode.Parse(other);
                Keep($"{pointer}/{member.Name} is {other}");
                members[member.Name] = kept;
            }
            Walk(own, member.Value, members[member.Name], $"{pointer}/{member.Name}");
        }
    }

    private void WalkItems(JsonSchema[] own, JsonElement value, JsonArray items, string pointer)
    {
        foreach (var (index, item) in value.EnumerateArray().Index())
        {
            foreach (var other in WrongTypes(own))
            {
                var kept = items[index];
                items[index] = JsonNode.Parse(other);
                Keep($"{pointer}/{index} is {other}");
                items[index] = kept;
            }
            Walk(own, item, items[index], $"{pointer}/{index}");
        }
    }

    private static IEnumerable<string> WrongTypes(IEnumerable<JsonSchema> schemas)
    {
        var allowed = schemas.Select(schema => schema.PossibleTypes()).FirstOrDefault(types => types.Count > 0) ?? [];
        return allowed.Count == 0 ? [] : Others.Where(other => !allowed.Contains(other.Type)).Select(other => other.Value);
    }

    private void Replace(JsonObject members, JsonObject other, string what)
    {
        if (members.Parent is null)
        {
            _found.Add(new(what, JsonSerializer.SerializeToElement(other)));
            return;
        }
        members.ReplaceWith(other);
        Keep(what);
        other.ReplaceWith(members);
    }

    private void Keep(string what) => _found.Add(new(what, JsonSerializer.SerializeToElement(_root)));
}
