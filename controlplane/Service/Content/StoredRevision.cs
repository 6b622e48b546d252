using GatewayOps.ControlPlane.Storage;
using GatewayOps.Rules;

namespace GatewayOps.ControlPlane.Content;

/// <summary>Reads stored documents back. They were valid when they were stored; another version of the service may still refuse one.</summary>
public static class StoredRevision
{
    public static Revision Read(RevisionRow row)
    {
        var id = new RevisionId(row.RuleSet, row.Number);
        var reading = RuleSetReader.Read(row.Document);
        return reading.RuleSet is { } document && reading.IsValid
            ? new Revision(id, row.Hash, document)
            : throw new UnreadableRevisionException(id, reading.Errors);
    }
}

/// <summary>A stored revision that this version does not accept.</summary>
public sealed class UnreadableRevisionException(RevisionId id, IReadOnlyList<RuleSetError> errors)
    : Exception($"The stored revision {id} is not valid for this version: {string.Join("; ", errors.Take(3).Select(e => $"{e.Pointer} {e.Message}"))}")
{
    public RevisionId Id { get; } = id;
    public IReadOnlyList<RuleSetError> Errors { get; } = errors;
}
