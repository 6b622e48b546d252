using System.Collections.Frozen;
using System.Globalization;
using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.Management.Logs;

/// <summary>The keys of the log API (contract section 3).</summary>
public static class LogKeys
{
    // ISO 8601, with or without time, fraction and offset; without an offset the time is UTC.
    private static readonly string[] TimeFormats = ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mmK"];

    public static ValueKey<DateTimeOffset> CreatedAt { get; } = new("created_at", row => row.CreatedAt, ParseTime, JsonText.Time);
    public static ValueKey<double> Cost { get; } = Number("cost", row => (double)row.Cost);
    public static ValueKey<double> Duration { get; } = Number("duration", row => row.Duration);
    public static ValueKey<double> TokensIn { get; } = Number("tokens_in", row => row.TokensIn);
    public static ValueKey<double> TokensOut { get; } = Number("tokens_out", row => row.TokensOut);
    public static ValueKey<double> Tokens { get; } = Number("tokens", row => row.TokensIn is null && row.TokensOut is null ? null : (row.TokensIn ?? 0) + (row.TokensOut ?? 0));
    public static MetadataKey MetadataName { get; } = new("metadata.key", entry => entry.Name);
    public static MetadataKey MetadataValue { get; } = new("metadata.value", entry => MetadataKey.TextOf(entry.Value));

    public static readonly FrozenDictionary<string, LogKey> All = new LogKey[]
    {
        new TextKey("id", row => row.Id),
        CreatedAt,
        new TextKey("request_content_type", row => row.RequestContentType),
        new TextKey("response_content_type", row => row.ResponseContentType),
        new TextKey("request_type", row => row.RequestType),
        Flag("success", row => row.Success),
        Flag("cached", row => row.Cached),
        new TextKey("provider", row => row.Provider),
        new TextKey("model", row => row.Model),
        new TextKey("model_type", row => row.ModelType),
        Cost,
        Tokens,
        TokensIn,
        TokensOut,
        Duration,
        Number("feedback", row => row.Feedback),
        new TextKey("event_id", row => row.EventId),
        MetadataName,
        MetadataValue,
        Flag("authentication", row => row.Authentication),
        Flag("wholesale", row => row.Wholesale),
        Flag("compatibilityMode", row => row.CompatibilityMode),
        new TextKey("dlp_action", row => row.DlpAction),
        new TextKey("user_agent", row => row.UserAgent),
    }.ToFrozenDictionary(key => key.Name);

    private static ValueKey<double> Number(string name, Func<LogRow, double?> read) => new(name, read, ParseNumber, number => number.ToString("R", CultureInfo.InvariantCulture));

    private static ValueKey<bool> Flag(string name, Func<LogRow, bool> read) => new(name, row => read(row), ParseFlag, flag => flag ? "true" : "false");

    private static double? ParseNumber(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null;

    private static DateTimeOffset? ParseTime(string text) =>
        DateTimeOffset.TryParseExact(text, TimeFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;

    private static bool? ParseFlag(string text) => text switch
    {
        "true" or "1" => true,
        "false" or "0" => false,
        _ => null,
    };
}
