using System.Text.Json;
using System.Text.Json.Serialization;
using GatewayOps.Rules;

namespace GatewayOps.ControlPlane.Reconciliation.Planning;

/// <summary>What is to be done at one gateway, in the order of doing. A pure value: preview and apply share the same list.</summary>
public sealed record Plan
{
    public required string Gateway { get; init; }

    /// <summary>Label of the desired revisions.</summary>
    public required string Revision { get; init; }

    /// <summary>SHA-256 over everything but the reasons, 64 lower hex digits: two plans that would do the same from the same start have one hash.</summary>
    public string Hash => HashOf(this);

    public required bool Exists { get; init; }

    public required IReadOnlyList<Change> Changes { get; init; }

    /// <summary>Deletions that the plan holds back as reports because they are too many at once; null where there are none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public MassDelete? MassDelete { get; init; }

    [JsonIgnore]
    public IEnumerable<Change> Actions => Changes.Where(change => change.IsAction);

    /// <summary>True when nothing is to be done; reports may remain.</summary>
    [JsonIgnore]
    public bool IsEmpty => !Actions.Any();

    private static string HashOf(Plan plan)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartArray();
            writer.WriteStringValue(plan.Gateway);
            writer.WriteStringValue(plan.Revision);
            writer.WriteBooleanValue(plan.Exists);
            foreach (var change in plan.Changes)
            {
                writer.WriteStringValue(change.Op.ToString());
                writer.WriteStringValue(change.Kind.ToString());
                writer.WriteStringValue(change.Key);
                writer.WriteStringValue(change.Field);
                writer.WriteStringValue(change.From?.Json);
                writer.WriteStringValue(change.To?.Json);
                writer.WriteStringValue(change.Owner?.ToString());
            }

            writer.WriteEndArray();
        }

        return TextHash.Of(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
    }
}
