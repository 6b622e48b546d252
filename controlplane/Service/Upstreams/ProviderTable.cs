using System.Collections.Frozen;
using GatewayOps.Rules;
using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Upstreams;

/// <summary>The providers of this installation: the rows of <see cref="UpstreamProviders"/>, changed and extended by those of the settings. Holds their keys, and tells them to nobody but the direct way.</summary>
public sealed class ProviderTable
{
    private readonly FrozenDictionary<string, UpstreamProvider> _bySlug;
    private readonly FrozenDictionary<string, string> _keys;

    public ProviderTable(IOptions<ProvidersOptions> options)
    {
        var settings = options.Value.Merged().ToDictionary(row => row.Slug, row => row.Row);
        All =
        [
            .. UpstreamProviders.All.Select(row => settings.TryGetValue(row.Slug, out var changes) ? Changed(row, changes) : row),
            .. settings.Where(row => UpstreamProviders.Find(row.Key) is null).OrderBy(row => row.Key, StringComparer.Ordinal)
                .Select(row => Changed(new UpstreamProvider(row.Key) { Paths = UpstreamProviders.Compatible, IsDirect = true }, row.Value)),
        ];
        _bySlug = All.ToFrozenDictionary(provider => provider.Slug);
        _keys = settings.Where(row => row.Value.ApiKey is not null).ToFrozenDictionary(row => row.Key, row => row.Value.ApiKey!);
    }

    /// <summary>Without settings.</summary>
    public static ProviderTable BuiltIn { get; } = new(Options.Create(new ProvidersOptions()));

    /// <summary>What settings call the <see cref="Operations"/>.</summary>
    public static FrozenDictionary<string, string> OperationsByName { get; } = new Dictionary<string, string>
    {
        ["chat"] = Operations.Chat,
        ["completions"] = Operations.Completions,
        ["embeddings"] = Operations.Embeddings,
        ["responses"] = Operations.Responses,
        ["messages"] = Operations.Messages,
    }.ToFrozenDictionary();

    public IReadOnlyList<UpstreamProvider> All { get; }

    /// <summary>The provider of a slug, or null. Aliases are resolved before.</summary>
    public UpstreamProvider? Find(string slug) => _bySlug.GetValueOrDefault(slug);

    /// <summary>The slug that a row of the settings is about: names and aliases of known providers are theirs, any other name is a provider of its own.</summary>
    public static string SlugOf(string name) => name.ToLowerInvariant() is var lower && ProviderCatalogue.SlugOf(lower) is { } slug ? slug : ProviderCatalogue.CustomPrefix + lower;

    internal string? KeyOf(string slug) => _keys.GetValueOrDefault(slug);

    private static UpstreamProvider Changed(UpstreamProvider row, ProviderOptions settings)
    {
        var isDirect = settings.Mode is { } mode ? mode == "direct" : row.IsDirect || settings.BaseUrl is not null;
        // What only the gateway's address has is not behind a base URL.
        var paths = isDirect && row.Has(Operations.Run) ? row.Paths.Where(path => path.Key != Operations.Run).ToFrozenDictionary() : row.Paths;
        var changed = row with
        {
            IsDirect = isDirect,
            BaseUrl = settings.BaseUrl is { } url ? new Uri(url) : row.BaseUrl,
            Paths = settings.OperationNames is { } names ? Only(row.Paths, names) : paths,
            AskForStreamUsage = settings.StreamUsage ?? row.AskForStreamUsage,
            AllowPrivate = settings.AllowPrivate ?? row.AllowPrivate,
            KeyHeader = settings.KeyHeader ?? row.KeyHeader,
            MessagesKeyHeader = settings.KeyHeader ?? row.MessagesKeyHeader,
        };
        // Asking without a key would be refused each time: then it is not asked at all. Whoever makes a provider knows whether it takes one.
        var needsKey = changed.IsDirect && !row.IsLocal && UpstreamProviders.Find(row.Slug) is not null;
        return changed with { Lacks = needsKey && settings.ApiKey is null ? NoKey(row) : null };
    }

    private static string NoKey(UpstreamProvider row) =>
        $"{ProviderOptions.SectionOf(row.Slug)}:ApiKey is not set: set {row.KeyVariable ?? ProviderOptions.SectionOf(row.Slug).Replace(":", "__") + "__ApiKey"} to a key of the provider";

    private static IReadOnlyDictionary<string, string> Only(IReadOnlyDictionary<string, string> paths, IReadOnlyList<string> names) =>
        names.Select(name => OperationsByName[name]).Distinct().ToFrozenDictionary(operation => operation, operation => paths.GetValueOrDefault(operation, operation));
}
