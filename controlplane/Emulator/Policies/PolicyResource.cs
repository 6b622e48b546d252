using System.Text.Json;
using System.Text.RegularExpressions;

namespace GatewayOps.Emulator.Policies;

/// <summary>
/// Which models and providers a policy is for: `"*"`, or names with `*` for any text without a slash (contract 7). A null list means all.
/// </summary>
public sealed class PolicyResource
{
    private readonly Regex[]? _models;
    private readonly Regex[]? _providers;

    private PolicyResource(string key, Regex[]? models, Regex[]? providers) => (Key, _models, _providers) = (key, models, providers);

    /// <summary>The same for resources that mean the same: a part of a bucket's identity.</summary>
    public string Key { get; }

    /// <param name="json">Valid: `"*"`, or `{model, provider}` with texts or lists of texts.</param>
    public static PolicyResource Read(JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.String)
            return new PolicyResource("*", models: null, providers: null);
        var (models, providers) = (Names(json, "model"), Names(json, "provider"));
        return new PolicyResource(
            $"model={string.Join('|', models ?? ["*"])};provider={string.Join('|', providers ?? ["*"])}", Globs(models), Globs(providers));
    }

    public bool Covers(PolicySubject subject) => Any(_models, subject.Models) && Any(_providers, subject.Providers);

    private static bool Any(Regex[]? globs, IReadOnlyList<string> names) => globs is null || globs.Any(glob => names.Any(name => glob.IsMatch(name)));

    private static string[]? Names(JsonElement json, string member)
    {
        if (!json.TryGetProperty(member, out var value))
            return null;
        string[] names = value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Select(name => name.GetString()!)] : [value.GetString()!];
        return [.. names.Distinct().Order(StringComparer.Ordinal)];
    }

    private static Regex[]? Globs(string[]? names) => names?.Select(Glob).ToArray();

    private static Regex Glob(string glob) =>
        new($"^{Regex.Escape(glob).Replace("\\*", "[^/]*", StringComparison.Ordinal)}\\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.Singleline, Regex.InfiniteMatchTimeout);
}
