namespace GatewayOps.Rules.Compiling;

/// <summary>A rule of one of the active documents, with its origin.</summary>
internal sealed record PooledRule(RevisionId Revision, int Index, Rule Rule)
{
    public string Pointer => $"/rules/{Index}";

    public string Label => Rule.Name ?? Pointer[1..];

    public static IEnumerable<PooledRule> Of(Revision revision) => revision.Document.Rules.Select((rule, index) => new PooledRule(revision.Id, index, rule));
}
