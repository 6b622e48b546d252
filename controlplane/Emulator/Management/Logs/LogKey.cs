using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;
using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.Management.Logs;

/// <summary>
/// A key that log rows are filtered and ordered by (contract section 3). `Read` gives the row's values, null where it has none;
/// `Parse` turns a value of a query into the same type, or null when it is no such value.
/// </summary>
public sealed record LogKey(string Name, Func<LogRow, IEnumerable<IComparable?>> Read, Func<string, IComparable?> Parse)
{
    public static readonly FrozenDictionary<string, LogKey> All = new LogKey[]
    {
        Text("id", row => row.Id),
        new("created_at", row => [row.CreatedAt], ParseTime),
        Text("request_content_type", row => row.RequestContentType),
        Text("response_content_type", row => row.ResponseContentType),
        Text("request_type", row => row.RequestType),
        Flag("success", row => row.Success),
        Flag("cached", row => row.Cached),
        Text("provider", row => row.Provider),
        Text("model", row => row.Model),
        Text("model_type", row => row.ModelType),
        Number("cost", row => (double)row.Cost),
        Number("tokens", row => row.TokensIn is null && row.TokensOut is null ? null : (row.TokensIn ?? 0) + (row.TokensOut ?? 0)),
        Number("tokens_in", row => row.TokensIn),
        Number("tokens_out", row => row.TokensOut),
        Number("duration", row => row.Duration),
        Number("feedback", row => row.Feedback),
        Text("event_id", row => row.EventId),
        new("metadata.key", row => Metadata(row).Select(entry => entry.Key), text => text),
        new("metadata.value", row => Metadata(row).Select(entry => entry.Value), text => text),
        Flag("authentication", row => row.Authentication),
        Flag("wholesale", row => row.Wholesale),
        Flag("compatibilityMode", row => row.CompatibilityMode),
        Text("dlp_action", row => row.DlpAction),
        Text("user_agent", row => row.UserAgent),
    }.ToFrozenDictionary(key => key.Name);

    private static LogKey Text(string name, Func<LogRow, string?> read) => new(name, row => [read(row)], text => text);

    private static LogKey Number(string name, Func<LogRow, double?> read) => new(name, row => [read(row)], ParseNumber);

    private static LogKey Flag(string name, Func<LogRow, bool> read) => new(name, row => [read(row)], ParseFlag);

    public static IComparable? ParseNumber(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null;

    public static IComparable? ParseTime(string text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;

    public static IComparable? ParseFlag(string text) => text switch
    {
        "true" or "1" => true,
        "false" or "0" => false,
        _ => null,
    };

    private static IReadOnlyList<KeyValuePair<string, string>> Metadata(LogRow row)
    {
        if (row.Metadata is null)
            return [];
        using var entries = JsonDocument.Parse(row.Metadata);
        return [.. entries.RootElement.EnumerateObject().Select(entry => new KeyValuePair<string, string>(
            entry.Name, entry.Value.ValueKind == JsonValueKind.String ? entry.Value.GetString()! : entry.Value.GetRawText()))];
    }
}
