using System.Globalization;
using System.Text;

namespace GatewayOps.ControlPlane.Telemetry;

/// <summary>Label sets in one canonical text: sorted by name, escaped, each name once.</summary>
public static class LabelText
{
    public static string Of(IEnumerable<KeyValuePair<string, object?>> tags)
    {
        // Two keys may become one name: their values are joined, as OpenTelemetry's compatibility rules say.
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in tags.OrderBy(tag => tag.Key, StringComparer.Ordinal))
        {
            var name = MetricNames.Label(key);
            var text = Plain(value);
            labels[name] = labels.TryGetValue(name, out var other) ? $"{other};{text}" : text;
        }

        var line = new StringBuilder();
        foreach (var (name, value) in labels)
        {
            if (line.Length > 0) line.Append(',');
            line.Append(name).Append("=\"");
            foreach (var c in value)
                if (c == '\\') line.Append(@"\\");
                else if (c == '"') line.Append("\\\"");
                else if (c == '\n') line.Append(@"\n");
                else line.Append(c);
            line.Append('"');
        }
        return line.ToString();
    }

    private static string Plain(object? value) => value switch
    {
        null => "",
        bool truth => truth ? "true" : "false",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };
}
