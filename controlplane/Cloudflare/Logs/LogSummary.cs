using System.Text.Json;
using GatewayOps.Cloudflare.Http;

namespace GatewayOps.Cloudflare.Logs;

/// <summary>The least and the most of a number over the entries that a query meets; null when there is none.</summary>
public sealed record LogRange(decimal? Least, decimal? Most);

/// <summary>How many entries meet a query, and between which bounds their numbers lie: cost in USD, duration in ms.</summary>
public sealed record LogSummary(long? Count, LogRange Cost, LogRange DurationMs, LogRange TokensIn, LogRange TokensOut, LogRange TotalTokens)
{
    internal static LogSummary Read(JsonElement info)
    {
        LogRange Of(string name) => new(info.Decimal($"min_{name}"), info.Decimal($"max_{name}"));
        return new(info.Whole("total_count"), Of("cost"), Of("duration"), Of("tokens_in"), Of("tokens_out"), Of("total_tokens"));
    }
}
