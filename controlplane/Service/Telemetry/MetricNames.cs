using System.Text;

namespace GatewayOps.ControlPlane.Telemetry;

/// <summary>
/// OpenTelemetry's names and units as Prometheus writes them: `[a-zA-Z_:][a-zA-Z0-9_:]*`, unit as suffix, `_total` on counters.
/// Same translation as the official exporter's default (underscores, with suffixes).
/// </summary>
public static class MetricNames
{
    private static readonly Dictionary<string, string> Units = new()
    {
        ["d"] = "days",
        ["h"] = "hours",
        ["min"] = "minutes",
        ["s"] = "seconds",
        ["ms"] = "milliseconds",
        ["us"] = "microseconds",
        ["ns"] = "nanoseconds",
        ["By"] = "bytes",
        ["KiBy"] = "kibibytes",
        ["MiBy"] = "mebibytes",
        ["GiBy"] = "gibibytes",
        ["kBy"] = "kilobytes",
        ["MBy"] = "megabytes",
        ["GBy"] = "gigabytes",
        ["m"] = "meters",
        ["g"] = "grams",
        ["J"] = "joules",
        ["W"] = "watts",
        ["V"] = "volts",
        ["A"] = "amperes",
        ["Cel"] = "celsius",
        ["Hz"] = "hertz",
        ["%"] = "percent",
        ["USD"] = "usd",
        ["1"] = "",
    };

    private static readonly Dictionary<string, string> PerUnits = new() { ["s"] = "second", ["m"] = "minute", ["min"] = "minute", ["h"] = "hour", ["d"] = "day" };

    // .NET publishes these levels as counters that only grow; a level that only grows would be useless.
    private static readonly HashSet<string> LevelsCalledCounters = ["dotnet.thread_pool.thread.count", "dotnet.thread_pool.queue.length"];

    public static bool IsLevel(string instrument) => LevelsCalledCounters.Contains(instrument);

    /// <summary>Family name and unit of an instrument. The name never ends in `_total`; it ends in the unit, where there is one.</summary>
    public static (string Name, string Unit) Of(string instrument, string? unit, FamilyKind kind)
    {
        var name = Sanitized(instrument, ':');
        if (kind == FamilyKind.Counter && name.EndsWith("_total", StringComparison.Ordinal)) name = name[..^"_total".Length];
        var suffix = UnitOf(unit);
        if (suffix.Length > 0 && !name.EndsWith($"_{suffix}", StringComparison.Ordinal)) name = $"{name}_{suffix}";
        return (name, suffix);
    }

    /// <summary>A label name: no colon, and `__` at its beginning belongs to Prometheus.</summary>
    public static string Label(string key)
    {
        var name = Sanitized(key, '_');
        return name.StartsWith("__", StringComparison.Ordinal) ? $"key{name}" : name;
    }

    private static string UnitOf(string? unit)
    {
        if (string.IsNullOrEmpty(unit)) return "";
        var parts = unit.Split('/', 2);
        var counted = Plain(parts[0], Units);
        return parts is [_, var per] && Plain(per, PerUnits) is { Length: > 0 } rate ? $"{counted}_per_{rate}".Trim('_') : counted;
    }

    // {request} is a remark, not a unit.
    private static string Plain(string unit, Dictionary<string, string> names) =>
        names.TryGetValue(unit, out var known) ? known : unit.StartsWith('{') ? "" : Sanitized(unit, '_').Trim('_');

    private static string Sanitized(string text, char alsoAllowed)
    {
        var name = new StringBuilder(text.Length + 1);
        foreach (var c in text)
            // Runs of foreign characters become one underscore; an underscore of the author stays.
            if (char.IsAsciiLetterOrDigit(c) || c == '_' || c == alsoAllowed) name.Append(c);
            else if (name.Length == 0 || name[^1] != '_') name.Append('_');
        if (name.Length == 0 || char.IsAsciiDigit(name[0])) name.Insert(0, '_');
        return name.ToString();
    }
}
