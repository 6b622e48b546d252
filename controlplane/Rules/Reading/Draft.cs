using System.Text.Json;
using System.Text.Json.Nodes;

namespace GatewayOps.Rules.Reading;

internal sealed record Located<T>(JsonPointer At, T Value);

/// <summary>
/// The parts of a document that are sound by themselves, with their places. A part with an error is left out, so that what is beside it can still be checked.
/// </summary>
internal sealed record Draft(JsonElement Root, IReadOnlyList<Located<Rule>> Rules, IReadOnlyList<Located<ProviderEntry>> Providers)
{
    public static Draft Of(JsonElement root, ErrorList errors) =>
        new(root, Sound(root, "rules", errors, RuleOf), Sound(root, "providers", errors, ProviderOf));

    /// <summary>The whole document. Only for one without errors.</summary>
    public RuleSet ToRuleSet() => new()
    {
        Name = Text(Root, "name"),
        Gateways = Texts(Root, "gateways"),
        Priority = Integer(Root, "priority") ?? 0,
        Rules = [.. Rules.Select(rule => rule.Value)],
        Providers = [.. Providers.Select(provider => provider.Value)],
        Fallback = Get(Root, "fallback") is { } fallback ? new Fallback { Enabled = Flag(fallback, "enabled") ?? false, RetryCount = Integer(fallback, "retry_count") } : null,
        Settings = Get(Root, "settings") is { } settings ? settings.EnumerateObject().ToDictionary(field => field.Name, field => NodeOf(field.Value)) : [],
        Leaves = DocumentLeaf.Of(Root),
    };

    private static Rule RuleOf(JsonElement rule) => new()
    {
        Name = Text(rule, "name"),
        Pattern = Text(rule, "pattern")!,
        Match = Get(rule, "match") is { } match ? MatchOf(match) : null,
        Cache = Get(rule, "cache") is { } cache ? CacheOf(cache) : null,
        Timeout = Integer(rule, "timeout"),
        CollectLog = Flag(rule, "collect_log"),
    };

    private static Match MatchOf(JsonElement match) => new()
    {
        Model = Text(match, "model"),
        Provider = Text(match, "provider") is { } provider ? ProviderCatalogue.SlugOf(provider) ?? provider : null,
        Method = Text(match, "method"),
    };

    private static Cache CacheOf(JsonElement cache) => new()
    {
        Enabled = Flag(cache, "enabled") ?? false,
        Ttl = Integer(cache, "ttl"),
        Key = Texts(cache, "key"),
        Share = Flag(cache, "share") ?? false,
    };

    private static ProviderEntry ProviderOf(JsonElement provider) => new()
    {
        Name = ProviderCatalogue.SlugOf(Text(provider, "name")!)!,
        Priority = Integer(provider, "priority")!.Value,
        Timeout = Integer(provider, "timeout"),
        Model = Text(provider, "model"),
    };

    private static List<Located<T>> Sound<T>(JsonElement root, string name, ErrorList errors, Func<JsonElement, T> read)
    {
        var sound = new List<Located<T>>();
        var at = JsonPointer.Root.Then(name);
        if (Get(root, name) is not { } list || !errors.IsSoundAt(at))
            return sound;
        var index = 0;
        foreach (var element in list.EnumerateArray())
        {
            var place = at.Then(index++);
            if (errors.IsSound(place))
                sound.Add(new Located<T>(place, read(element)));
        }

        return sound;
    }

    private static JsonElement? Get(JsonElement of, string name) => of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var value) ? value : null;

    private static string? Text(JsonElement of, string name) => Get(of, name)?.GetString();

    private static string[] Texts(JsonElement of, string name) => Get(of, name)?.EnumerateArray().Select(item => item.GetString()!).ToArray() ?? [];

    private static bool? Flag(JsonElement of, string name) => Get(of, name)?.GetBoolean();

    private static int? Integer(JsonElement of, string name) =>
        Get(of, name) is { } value && ExactNumber.Parse(value.GetRawText()).TryGetInt64(out var whole) ? (int)whole : null;

    // Whole numbers are written as such, however the document wrote them: Cloudflare's integers are not to be sent as 300.0.
    private static JsonNode? NodeOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.Object => new JsonObject(value.EnumerateObject().Select(member => KeyValuePair.Create(member.Name, NodeOf(member.Value)))),
        JsonValueKind.Array => new JsonArray([.. value.EnumerateArray().Select(NodeOf)]),
        JsonValueKind.Number when ExactNumber.Parse(value.GetRawText()).TryGetInt64(out var whole) => JsonValue.Create(whole),
        JsonValueKind.Number => JsonValue.Create(value.GetDouble()),
        JsonValueKind.String => JsonValue.Create(value.GetString()),
        _ => JsonValue.Create(value.GetBoolean()),
    };
}
