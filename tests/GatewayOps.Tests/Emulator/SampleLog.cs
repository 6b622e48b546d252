using System.Text;
using GatewayOps.Emulator.State;

namespace GatewayOps.Tests.Emulator;

/// <summary>A log row as a plain chat leaves it.</summary>
public static class SampleLog
{
    public static readonly DateTimeOffset Start = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    /// <summary>A row of so many seconds after <see cref="Start"/>; the larger `second`, the longer, dearer and newer.</summary>
    public static LogRow Row(LogStore logs, int second = 0) => Row(second) with { Id = logs.NewId(Start.AddSeconds(second)) };

    /// <summary>A row of no log.</summary>
    public static LogRow Row(int second) => new()
    {
        Id = Ulid.SmallestOf(Start.AddSeconds(second)).ToString(),
        Provider = "openai",
        Model = "gpt-4o-mini",
        Path = "chat/completions",
        StatusCode = 200,
        Success = true,
        Duration = 10 * second,
        TokensIn = 12,
        TokensOut = 8,
        Cost = 0.0001m * second,
        RequestContentType = "application/json",
        ResponseContentType = "application/json",
        RequestBody = Encoding.UTF8.GetBytes("""{"model":"gpt-4o-mini"}"""),
        ResponseBody = "not json"u8.ToArray(),
    };
}
