using System.Text.Json.Nodes;
using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.Management.Logs;

/// <summary>The rows of one page, and what is known of all rows that the query found.</summary>
public sealed record LogPage(IReadOnlyList<LogRow> Rows, long Total, LogExtremes? Extremes);

/// <summary>The smallest and largest values of rows that go by: `meta_info=true`.</summary>
public sealed class LogExtremes
{
    private readonly (string Parameter, ValueKey<double> Key)[] _keys =
        [("cost", LogKeys.Cost), ("duration", LogKeys.Duration), ("tokens_in", LogKeys.TokensIn), ("tokens_out", LogKeys.TokensOut), ("total_tokens", LogKeys.Tokens)];
    private readonly (double Least, double Most)?[] _seen = new (double, double)?[5];

    public void Add(LogRow row)
    {
        for (var index = 0; index < _keys.Length; index++)
        {
            if (_keys[index].Key.Read(row) is { } value)
                _seen[index] = _seen[index] is var (least, most) ? (Math.Min(least, value), Math.Max(most, value)) : (value, value);
        }
    }

    /// <summary>Zero where no row has a value.</summary>
    public JsonObject ToJson()
    {
        var json = new JsonObject();
        foreach (var ((parameter, _), seen) in _keys.Zip(_seen))
        {
            json[$"min_{parameter}"] = seen?.Least ?? 0;
            json[$"max_{parameter}"] = seen?.Most ?? 0;
        }
        return json;
    }
}
