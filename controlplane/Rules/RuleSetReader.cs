using System.Text.Json;
using GatewayOps.Rules.Reading;

namespace GatewayOps.Rules;

/// <summary>What came of reading a document: the rule set, or every error in it.</summary>
public sealed record RuleSetReading(RuleSet? RuleSet, IReadOnlyList<RuleSetError> Errors)
{
    [System.Diagnostics.CodeAnalysis.MemberNotNullWhen(true, nameof(RuleSet))]
    public bool IsValid => RuleSet is not null;
}

/// <summary>Reads the `content` document strictly. The only source of a <see cref="RuleSet"/>: whoever holds one holds a valid document.</summary>
public static class RuleSetReader
{
    /// <summary>Largest document, in bytes.</summary>
    public const int MaxBytes = DocumentText.MaxBytes;

    internal static readonly IDocumentCheck[] Checks =
    [
        new UniqueNamesCheck<Rule>("rule", draft => draft.Rules, rule => rule.Name),
        new UniqueNamesCheck<DynamicRoute>("route", draft => draft.Routes, route => route.Name),
        new UniqueNamesCheck<AccessPolicy>("policy", draft => draft.Policies, policy => policy.Name),
        new UniqueNamesCheck<CustomProviderEntry>("custom provider", draft => draft.CustomProviders, provider => provider.Slug, member: "slug"),
        new UniqueProvidersCheck(),
        new UniquePrioritiesCheck(),
        new UniqueQuotasCheck(),
        new KnownConditionsCheck(),
        new ExpressionsCheck(),
        new RouteGraphsCheck(),
        new TieCheck(),
    ];

    /// <summary>
    /// Takes UTF-8 JSON of at most 4 MiB, 32 levels deep. Never throws for what the bytes hold; at most 1000 errors are listed, values first, relations between them last.
    /// </summary>
    public static RuleSetReading Read(ReadOnlyMemory<byte> utf8)
    {
        var errors = new ErrorList();
        using var document = DocumentText.Parse(utf8, errors);
        if (document is not null)
            return Read(document.RootElement, errors);
        return new RuleSetReading(null, errors.ToList());
    }

    private static RuleSetReading Read(JsonElement root, ErrorList errors)
    {
        DocumentShape.Document.Check(root, JsonPointer.Root, errors);
        var draft = Draft.Of(new Place(root, JsonPointer.Root, errors));
        foreach (var check in Checks)
            check.Check(draft, errors);
        return new RuleSetReading(errors.IsEmpty ? draft.ToRuleSet() : null, errors.ToList());
    }
}
