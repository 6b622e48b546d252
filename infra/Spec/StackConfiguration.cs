using System.Text.Json;

namespace GatewayOps.Infra.Spec;

/// <summary>
/// The configuration that the Pulumi engine hands to a program, with all its keys: the SDK's own reader asks key by key and so cannot see one that is misspelt.
/// </summary>
/// <param name="Values">The keys of the project without its prefix.</param>
/// <param name="Others">The keys of other namespaces, as `cloudflare:apiToken`, in full and without their values.</param>
/// <param name="Secret">Keys whose values are encrypted in the stack's file: the project's without its prefix, others in full.</param>
public sealed record StackConfiguration(IReadOnlyDictionary<string, string> Values, IReadOnlySet<string> Others, IReadOnlySet<string> Secret)
{
    // Set by the language host: a JSON object of "project:key" to text, and a JSON array of the keys that are secret.
    private const string Variable = "PULUMI_CONFIG";
    private const string SecretKeysVariable = "PULUMI_CONFIG_SECRET_KEYS";

    public static StackConfiguration Read(string project) => Parse(Environment.GetEnvironmentVariable(Variable), Environment.GetEnvironmentVariable(SecretKeysVariable), project);

    public static StackConfiguration Parse(string? config, string? secretKeys, string project)
    {
        var prefix = project + ":";
        string Short(string key) => key.StartsWith(prefix, StringComparison.Ordinal) ? key[prefix.Length..] : key;
        var all = string.IsNullOrEmpty(config) ? [] : JsonSerializer.Deserialize<Dictionary<string, string>>(config)!;
        var secret = string.IsNullOrEmpty(secretKeys) ? [] : JsonSerializer.Deserialize<string[]>(secretKeys)!;
        return new StackConfiguration(
            all.Where(entry => entry.Key.StartsWith(prefix, StringComparison.Ordinal)).ToDictionary(entry => Short(entry.Key), entry => entry.Value),
            all.Keys.Where(key => !key.StartsWith(prefix, StringComparison.Ordinal)).ToHashSet(),
            secret.Select(Short).ToHashSet());
    }

    // Values are secrets, some of them.
    public override string ToString() => $"{Values.Count} keys, {Secret.Count} of them secret";
}
