using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.Management.Logs;

/// <summary>What rows are filtered and ordered by (contract section 3): <see cref="LogKeys"/> lists them.</summary>
public abstract class LogKey(string name)
{
    public string Name => name;

    /// <summary>Smallest first; a row without a value before all others.</summary>
    public abstract int Compare(LogRow left, LogRow right);

    /// <summary>Which rows hold `values`, null among them for a row without one. Null when a value is none of this key's: `bad` is its index.</summary>
    public abstract Func<LogRow, bool>? Where(LogOperator comparison, IReadOnlyList<string?> values, out int bad);

    // A part of a number or a time is a text, whatever the key's type.
    protected static Func<LogRow, bool> Contains(Func<LogRow, string?> read, IReadOnlyList<string?> values)
    {
        string[] parts = [.. values.OfType<string>()];
        return row => read(row) is { } text && Array.Exists(parts, part => text.Contains(part, StringComparison.Ordinal));
    }
}

/// <summary>A key of texts.</summary>
public sealed class TextKey(string name, Func<LogRow, string?> read) : LogKey(name)
{
    public override int Compare(LogRow left, LogRow right) => string.CompareOrdinal(read(left), read(right));

    public override Func<LogRow, bool> Where(LogOperator comparison, IReadOnlyList<string?> values, out int bad)
    {
        bad = -1;
        string?[] all = [.. values];
        return comparison switch
        {
            LogOperator.Equal => row => Array.IndexOf(all, read(row)) >= 0,
            LogOperator.NotEqual => row => Array.IndexOf(all, read(row)) < 0,
            LogOperator.Contains => Contains(read, values),
            LogOperator.Less or LogOperator.AtMost => row => read(row) is { } text && Array.Exists(all, value => value is not null && string.CompareOrdinal(text, value) < 0),
            _ => row => read(row) is { } text && Array.Exists(all, value => value is not null && string.CompareOrdinal(text, value) > 0),
        };
    }
}

/// <summary>A key of numbers, times or flags.</summary>
public sealed class ValueKey<T>(string name, Func<LogRow, T?> read, Func<string, T?> parse, Func<T, string> write) : LogKey(name)
    where T : struct, IComparable<T>
{
    public T? Read(LogRow row) => read(row);

    public override int Compare(LogRow left, LogRow right) => Nullable.Compare(read(left), read(right));

    public override Func<LogRow, bool>? Where(LogOperator comparison, IReadOnlyList<string?> values, out int bad)
    {
        bad = -1;
        if (comparison == LogOperator.Contains)
            return Contains(row => read(row) is { } own ? write(own) : null, values);
        var all = new T?[values.Count];
        foreach (var (index, text) in values.Index())
        {
            all[index] = text is null ? null : parse(text);
            if (all[index] is null && text is not null)
            {
                bad = index;
                return null;
            }
        }
        var comparer = Comparer<T>.Default;
        return comparison switch
        {
            LogOperator.Equal => row => Array.IndexOf(all, read(row)) >= 0,
            LogOperator.NotEqual => row => Array.IndexOf(all, read(row)) < 0,
            LogOperator.Less => Any(order => order < 0),
            LogOperator.Greater => Any(order => order > 0),
            LogOperator.AtLeast => Any(order => order >= 0),
            _ => Any(order => order <= 0),
        };

        Func<LogRow, bool> Any(Func<int, bool> holds) => row =>
        {
            if (read(row) is not { } own)
                return false;
            foreach (var value in all)
            {
                if (value is { } other && holds(comparer.Compare(own, other)))
                    return true;
            }
            return false;
        };
    }
}
