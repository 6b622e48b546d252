using System.Text.Json;

namespace GatewayOps.Emulator.State;

/// <summary>A budget of a gateway (contract 2.1, `spend_limits`). A null filter lets every value in.</summary>
/// <param name="Limit">As it was sent; what its unit is, the assumptions say.</param>
/// <param name="Window">Seconds.</param>
/// <param name="Partitions">Metadata keys: each value of theirs has a budget of its own.</param>
/// <param name="Filters">Metadata key to the values that the rule is for.</param>
public sealed record SpendRule(
    string Id,
    decimal Limit,
    double Window,
    RateLimitTechnique Technique,
    IReadOnlyList<string>? Models,
    IReadOnlyList<string>? Providers,
    IReadOnlyList<string> Partitions,
    IReadOnlyDictionary<string, IReadOnlyList<string>> Filters)
{
    /// <summary>The rules that are on. `fields` are a gateway's, valid and settled.</summary>
    public static IReadOnlyList<SpendRule> ReadAll(JsonElement fields)
    {
        if (!fields.TryGetProperty("spend_limits", out var limits) || limits.ValueKind != JsonValueKind.Object || !On(limits) || !limits.TryGetProperty("rules", out var rules))
            return [];
        return [.. rules.EnumerateArray().Where(On).Select(Read)];
    }

    private static SpendRule Read(JsonElement rule)
    {
        var partitions = new List<string>();
        var filters = new Dictionary<string, IReadOnlyList<string>>();
        foreach (var dimension in rule.TryGetProperty("metadata", out var metadata) ? metadata.EnumerateObject().AsEnumerable() : [])
        {
            if (dimension.Value.GetProperty("mode").ValueEquals("partition"))
                partitions.Add(dimension.Name);
            else
                filters[dimension.Name] = Texts(dimension.Value.GetProperty("values"));
        }
        return new SpendRule(
            rule.GetProperty("id").GetString()!,
            rule.GetProperty("limit").TryGetDecimal(out var limit) ? limit : decimal.MaxValue,
            rule.GetProperty("window").GetDouble(),
            rule.GetProperty("technique").ValueEquals("fixed") ? RateLimitTechnique.Fixed : RateLimitTechnique.Sliding,
            Filter(rule, "model"),
            Filter(rule, "provider"),
            partitions,
            filters);
    }

    /// <summary>`enabled` is on unless it says otherwise.</summary>
    private static bool On(JsonElement value) => !value.TryGetProperty("enabled", out var enabled) || enabled.ValueKind != JsonValueKind.False;

    private static IReadOnlyList<string>? Filter(JsonElement rule, string name) => rule.TryGetProperty(name, out var filter) ? Texts(filter.GetProperty("values")) : null;

    private static string[] Texts(JsonElement values) => [.. values.EnumerateArray().Select(value => value.GetString()!)];
}
