using System.Text.Json;
using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.Management.Logs;

/// <summary>
/// The names (`metadata.key`) or the values (`metadata.value`) of a row's metadata. Filters on both that look for something mean one and the same entry: see
/// <see cref="LogFilter.All"/>.
/// </summary>
public sealed class MetadataKey(string name, Func<JsonProperty, string> read) : LogKey(name)
{
    // Rows share their metadata's text: a query looks into each text once.
    private const int MostRemembered = 4096;

    public override int Compare(LogRow left, LogRow right) => string.CompareOrdinal(left.Metadata, right.Metadata);

    public override Func<LogRow, bool> Where(LogOperator comparison, IReadOnlyList<string?> values, out int bad)
    {
        bad = -1;
        var holds = Holds(comparison, values);
        // A row without metadata has no entry, and none that is equal.
        return comparison == LogOperator.NotEqual ? Entries(all => all.All(holds)) : Entries(all => all.Any(holds));
    }

    /// <summary>Whether one entry holds the values.</summary>
    public Func<JsonProperty, bool> Holds(LogOperator comparison, IReadOnlyList<string?> values) => comparison switch
    {
        LogOperator.Equal => entry => values.Contains(read(entry)),
        LogOperator.NotEqual => entry => !values.Contains(read(entry)),
        LogOperator.Contains => entry => values.Any(value => value is not null && read(entry).Contains(value, StringComparison.Ordinal)),
        LogOperator.Less or LogOperator.AtMost => entry => values.Any(value => value is not null && string.CompareOrdinal(read(entry), value) < 0),
        _ => entry => values.Any(value => value is not null && string.CompareOrdinal(read(entry), value) > 0),
    };

    /// <summary>A condition on all entries of a row. For one query: it remembers what it found.</summary>
    public static Func<LogRow, bool> Entries(Func<IEnumerable<JsonProperty>, bool> condition)
    {
        var known = new Dictionary<string, bool>(ReferenceEqualityComparer.Instance);
        return row =>
        {
            var text = row.Metadata ?? "{}";
            if (known.TryGetValue(text, out var holds))
                return holds;
            using var metadata = JsonDocument.Parse(text);
            holds = condition(metadata.RootElement.EnumerateObject());
            if (known.Count >= MostRemembered)
                known.Clear();
            return known[text] = holds;
        };
    }

    public static string TextOf(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
}
