using System.Text.Json;
using System.Text.RegularExpressions;
using GatewayOps.Rules.Stacks;

namespace GatewayOps.Infra.Spec;

/// <summary>Holds a specification and the configuration that it came from against <see cref="StackPolicies"/>, less what was accepted.</summary>
internal static partial class PolicyCheck
{
    // Settings of the provider that are credentials.
    private static readonly string[] ProviderSecrets = ["cloudflare:apiToken", "cloudflare:apiKey", "cloudflare:apiUserServiceKey"];

    public static IEnumerable<SpecError> Of(StackSpec spec, StackConfiguration configuration, IReadOnlyList<Acceptance> accepted)
    {
        var items = Items(configuration, spec.Gateways.Count);
        return
        [
            .. spec.Gateways.SelectMany((gateway, index) => StackPolicies.Of(gateway.Fields)
                .Where(finding => !accepted.Any(acceptance => acceptance.Covers(finding.Policy, gateway.Id)))
                .Select(finding => Error(PathOf(items, index, HandOverFormat.ConfigKey(finding.Field)), finding.Policy, gateway.Id, finding.Message))),
            .. accepted.Any(acceptance => acceptance.Covers(StackPolicies.KeyInClear, gateway: null)) ? [] : InClear(configuration)
                .Select(path => Error(ConfigFaults.OneLine(path), StackPolicies.KeyInClear, gateway: null, $"it stands in the stack's file for everybody to read. Rotate it, then: pulumi config set --secret {ConfigFaults.OneLine(Argument(path))}")),
        ];
    }

    // Where the key is said, or could be without changing another gateway.
    private static string PathOf(IReadOnlyList<JsonElement> items, int index, string key) =>
        items.Count > 1 || (items.Count == 1 && items[0].TryGetProperty(key, out _)) ? $"gateways[{index}].{key}" : key;

    // The items of `gateways`; none where it is not there or was not taken.
    private static IReadOnlyList<JsonElement> Items(StackConfiguration configuration, int count) =>
        configuration.Values.TryGetValue("gateways", out var text) && Parse(text) is { ValueKind: JsonValueKind.Array } list && list.GetArrayLength() == count && list.EnumerateArray().All(item => item.ValueKind == JsonValueKind.Object)
            ? [.. list.EnumerateArray()]
            : [];

    // Pulumi refuses a text for a key that is declared as an object or a list: what is in one is set by its path.
    private static string Argument(string path) => path.AsSpan().ContainsAny(".[") ? $"--path '{path}'" : path;

    private static IEnumerable<string> InClear(StackConfiguration configuration) =>
        ProviderSecrets.Where(configuration.Others.Contains).Where(key => !configuration.Secret.Contains(key))
            .Concat(configuration.Values.Where(entry => !configuration.Secret.Contains(entry.Key))
                .SelectMany(entry => Parse(entry.Value) is { } tree ? Keys(tree, entry.Key, entry.Key, parent: "") : IsKey(entry.Key, parent: "", entry.Value) ? [entry.Key] : []));

    private static JsonElement? Parse(string text)
    {
        try
        {
            using var tree = JsonDocument.Parse(text);
            return tree.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // The paths of the keys, as `pulumi config set --path` takes them.
    private static IEnumerable<string> Keys(JsonElement element, string path, string name, string parent) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(member => Keys(member.Value, path + (PlainName().IsMatch(member.Name) ? $".{member.Name}" : $"[\"{member.Name}\"]"), member.Name, name)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany((item, index) => Keys(item, $"{path}[{index}]", name, parent)),
        JsonValueKind.String when IsKey(name, parent, element.GetString()!) => [path],
        _ => [],
    };

    // A public key looks like a private one from afar. What a header or member is called tells more than what it looks like.
    private static bool IsKey(string name, string parent, string text) => text.Length > 0 && (name, parent) switch
    {
        ("logpushPublicKey", _) => false,
        ("providerKeys", _) or (_, "providerKeys") or ("authorization", "stripe") => true,
        (_, "headers") when CredentialHeader().IsMatch(name) => true,
        _ => SecretShape.Matches(text),
    };

    private static SpecError Error(string path, string policy, string? gateway, string message) =>
        new(path, $"{(gateway is null ? "" : $"gateway {gateway}: ")}{message} (policy {policy}). To accept it: accept: [{{ policy: {policy}{(gateway is null ? "" : $", gateway: {gateway}")}, reason: ... }}]");

    [GeneratedRegex("auth|key|token|secret|cookie|passw|^x-honeycomb-team$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex CredentialHeader();

    [GeneratedRegex(@"\A[A-Za-z0-9_-]+\z", RegexOptions.NonBacktracking)]
    private static partial Regex PlainName();
}
