using GatewayOps.Rules;

namespace GatewayOps.ControlPlane.Content;

/// <summary>A document that somebody sent, read and compiled by itself for every gateway that it targets. Pure.</summary>
public sealed record Draft
{
    /// <summary>Largest document, in bytes.</summary>
    public const int MaxBytes = RuleSetReader.MaxBytes;

    public RuleSet? Document { get; private init; }

    /// <summary>Canonical hash; null when the document is not valid.</summary>
    public string? Hash { get; private init; }

    public IReadOnlyList<Enforcement> Enforcements { get; private init; } = [];

    public IReadOnlyList<RuleSetError> Errors { get; private init; } = [];

    public bool IsValid => Errors.Count == 0;

    /// <param name="gatewaysOf">The gateways that a document targets.</param>
    public static Draft Of(ReadOnlyMemory<byte> utf8, Func<RuleSet, IReadOnlyList<string>> gatewaysOf)
    {
        var reading = RuleSetReader.Read(utf8);
        if (!reading.IsValid || reading.RuleSet is not { } document)
        {
            return new Draft { Errors = reading.Errors };
        }

        var hash = RuleSetHash.Of(utf8.Span);
        var revision = new Revision(new RevisionId(document.Name ?? "draft", 0), hash, document);
        var compilations = gatewaysOf(document).Select(gateway => RuleSetCompiler.CompileAlone(gateway, revision)).ToList();
        return new Draft
        {
            Document = document,
            Hash = hash,
            // Each gateway finds the same in one document; it is told once.
            Errors = [.. compilations.SelectMany(compilation => compilation.Errors).Distinct()],
            Enforcements = [.. compilations.SelectMany(compilation => compilation.RuleSet?.Enforcements ?? []).Distinct()],
        };
    }
}
