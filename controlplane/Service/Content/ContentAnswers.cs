using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using GatewayOps.Rules;

namespace GatewayOps.ControlPlane.Content;

/// <summary>Answer to an addition. <paramref name="Unchanged"/>: the latest revision already said the same.</summary>
public sealed record AddedAnswer(string Name, int Revision, string Hash, DateTimeOffset CreatedAt, bool Unchanged);

public sealed record ConfigListAnswer(IReadOnlyList<ConfigAnswer> Configs, string? Next);

/// <summary>A rule set in the list; hash and time are those of its latest revision.</summary>
public sealed record ConfigAnswer(string Name, int LatestRevision, string Hash, DateTimeOffset CreatedAt, IReadOnlyList<ActiveAnswer> Active);

public sealed record ActiveAnswer(string Gateway, int Revision);

public sealed record RevisionListAnswer(IReadOnlyList<RevisionAnswer> Revisions, string? Next);

/// <summary>A revision with what became of it: its activations, newest first, at most <see cref="ContentQueries.MostActivations"/>.</summary>
public sealed record RevisionAnswer(int Revision, string Hash, DateTimeOffset CreatedAt, string CreatedBy, IReadOnlyList<ActivationAnswer> Activations);

/// <summary>
/// That a revision was put to work on a gateway. <paramref name="Kind"/>: execute or rollback. <paramref name="Until"/>: when the next activation, or the removal, took its place; null while it is active.
/// </summary>
public sealed record ActivationAnswer(string Gateway, string Kind, DateTimeOffset At, string By, bool Prune, DateTimeOffset? Until);

/// <summary>What differs in meaning between two revisions; <paramref name="From"/> 0 is the empty document.</summary>
public sealed record DiffAnswer(string RuleSet, int From, int To, IReadOnlyList<DiffChange> Changes);

/// <summary>One difference; values are those of the documents, without the spelling.</summary>
public sealed record DiffChange(
    DocumentChangeKind Kind,
    string Pointer,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] JsonNode? From,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] JsonNode? To)
{
    public static DiffChange Of(DocumentChange change) => new(change.Kind, change.Pointer, Value(change.From), Value(change.To));

    private static JsonNode? Value(string? json) => json is null ? null : Plain(JsonNode.Parse(json));

    // The canonical form writes 300 as 3e2, which nobody would.
    private static JsonNode? Plain(JsonNode? node) => node switch
    {
        JsonObject members => new JsonObject(members.Select(member => KeyValuePair.Create(member.Key, Plain(member.Value)))),
        JsonArray items => new JsonArray([.. items.Select(Plain)]),
        JsonValue value when value.GetValueKind() == JsonValueKind.Number && decimal.TryParse(value.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => JsonValue.Create(number),
        _ => node?.DeepClone(),
    };
}

public sealed record ValidAnswer(bool Valid, string Hash, IReadOnlyList<EnforcementAnswer> Enforcements)
{
    public static ValidAnswer Of(Draft draft) => new(true, draft.Hash!, [.. draft.Enforcements.Select(EnforcementAnswer.Of)]);
}

/// <summary>Where one setting of the document is enforced.</summary>
public sealed record EnforcementAnswer(string Pointer, EnforcementPoint Point, string Detail)
{
    public static EnforcementAnswer Of(Enforcement enforcement) => new(enforcement.Pointer, enforcement.Point, enforcement.Detail);
}
