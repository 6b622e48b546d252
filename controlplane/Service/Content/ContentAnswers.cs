using GatewayOps.Rules;

namespace GatewayOps.ControlPlane.Content;

/// <summary>Answer to an addition. <paramref name="Unchanged"/>: the latest revision already said the same.</summary>
public sealed record AddedAnswer(string Name, int Revision, string Hash, DateTimeOffset CreatedAt, bool Unchanged);

public sealed record ConfigListAnswer(IReadOnlyList<ConfigAnswer> Configs, string? Next);

/// <summary>A rule set in the list; hash and time are those of its latest revision.</summary>
public sealed record ConfigAnswer(string Name, int LatestRevision, string Hash, DateTimeOffset CreatedAt, IReadOnlyList<ActiveAnswer> Active);

public sealed record ActiveAnswer(string Gateway, int Revision);

public sealed record RevisionListAnswer(IReadOnlyList<RevisionAnswer> Revisions, string? Next);

public sealed record RevisionAnswer(int Revision, string Hash, DateTimeOffset CreatedAt, string CreatedBy);

public sealed record ValidAnswer(bool Valid, string Hash, IReadOnlyList<EnforcementAnswer> Enforcements)
{
    public static ValidAnswer Of(Draft draft) => new(true, draft.Hash!, [.. draft.Enforcements.Select(EnforcementAnswer.Of)]);
}

/// <summary>Where one setting of the document is enforced.</summary>
public sealed record EnforcementAnswer(string Pointer, EnforcementPoint Point, string Detail)
{
    public static EnforcementAnswer Of(Enforcement enforcement) => new(enforcement.Pointer, enforcement.Point, enforcement.Detail);
}
