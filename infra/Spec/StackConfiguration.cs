using System.Text.Json;

namespace GatewayOps.Infra.Spec;

/// <summary>
/// The configuration that the Pulumi engine hands to a program, with all its keys: the SDK's own reader asks key by key and so cannot see one that is misspelt.
/// </summary>
public static class StackConfiguration
{
    // Set by the language host: a JSON object of "project:key" to text.
    private const string Variable = "PULUMI_CONFIG";

    public static IReadOnlyDictionary<string, string> Read(string project) => Parse(Environment.GetEnvironmentVariable(Variable), project);

    /// <summary>The keys of <paramref name="project"/> without its prefix; those of other namespaces (`cloudflare:apiToken`) are left to their owners.</summary>
    public static IReadOnlyDictionary<string, string> Parse(string? json, string project)
    {
        var prefix = project + ":";
        return (string.IsNullOrEmpty(json) ? [] : JsonSerializer.Deserialize<Dictionary<string, string>>(json)!)
            .Where(entry => entry.Key.StartsWith(prefix, StringComparison.Ordinal))
            .ToDictionary(entry => entry.Key[prefix.Length..], entry => entry.Value);
    }
}
