using System.Text.Json;
using GatewayOps.Rules.Stacks;

namespace GatewayOps.Infra.Spec;

/// <summary>Holds a specification and the configuration that it came from against <see cref="StackPolicies"/>, less what was accepted.</summary>
internal static class PolicyCheck
{
    private static readonly string[] CredentialHeaders = ["x-api-key", "api-key", "x-auth-token", "dd-api-key", "x-honeycomb-team", "cookie"];

    // Settings of the provider that are credentials.
    private static readonly string[] ProviderSecrets = ["cloudflare:apiToken", "cloudflare:apiKey", "cloudflare:apiUserServiceKey"];

    public static IEnumerable<SpecError> Of(StackSpec spec, StackConfiguration configuration, IReadOnlyList<Acceptance> accepted) =>
    [
        .. spec.Gateways.SelectMany(gateway => StackPolicies.Of(gateway.Fields)
            .Where(finding => !accepted.Any(acceptance => acceptance.Covers(finding.Policy, gateway.Id)))
            .Select(finding => Error(HandOverFormat.ConfigKey(finding.Field), finding.Policy, gateway.Id, finding.Message))),
        .. accepted.Any(acceptance => acceptance.Covers(StackPolicies.KeyInClear, gateway: null)) ? [] : InClear(configuration)
            .Select(key => Error(key, StackPolicies.KeyInClear, gateway: null, $"it stands in the stack's file for everybody to read. Rotate it, then: pulumi config set --secret {key}")),
    ];

    private static IEnumerable<string> InClear(StackConfiguration configuration) =>
        ProviderSecrets.Where(configuration.Others.Contains)
            .Concat(configuration.Values.Where(entry => entry.Key == "providerKeys" ? entry.Value.Trim() is not ("" or "{}") : HoldsKey(entry.Key, entry.Value)).Select(entry => entry.Key))
            .Where(key => !configuration.Secret.Contains(key));

    private static bool HoldsKey(string key, string text)
    {
        try
        {
            using var tree = JsonDocument.Parse(text);
            return HoldsKey(tree.RootElement, key);
        }
        catch (JsonException)
        {
            return HoldsKeyText(key, text);
        }
    }

    private static bool HoldsKey(JsonElement element, string name) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().Any(member => HoldsKey(member.Value, member.Name)),
        JsonValueKind.Array => element.EnumerateArray().Any(item => HoldsKey(item, name)),
        JsonValueKind.String => HoldsKeyText(name, element.GetString()!),
        _ => false,
    };

    // A public key looks like a private one from afar. What a header or member is called tells more than what it looks like.
    private static bool HoldsKeyText(string name, string text) =>
        name != "logpushPublicKey" && (SecretShape.Matches(text) || (CredentialHeaders.Contains(name, StringComparer.OrdinalIgnoreCase) && text.Length > 0));

    private static SpecError Error(string path, string policy, string? gateway, string message) =>
        new(path, $"{(gateway is null ? "" : $"gateway {gateway}: ")}{message} (policy {policy}). To accept it: accept: [{{ policy: {policy}{(gateway is null ? "" : $", gateway: {gateway}")}, reason: ... }}]");
}
