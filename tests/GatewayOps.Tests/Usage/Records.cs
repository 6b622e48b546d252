using GatewayOps.ControlPlane.Usage;

namespace GatewayOps.Tests.Usage;

internal static class Records
{
    public static UsageRecord New(int number) => new()
    {
        Id = Guid.CreateVersion7(),
        At = new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero).AddSeconds(number),
        RequestId = $"r{number}",
        Method = "POST",
        Path = "/v1/chat/completions",
        Gateway = "gw",
        Provider = number % 2 == 0 ? "openai" : "anthropic",
        Model = "m\0" + number % 3,
        Status = 200,
        Outcome = Outcomes.Ok,
        Duration = TimeSpan.FromMilliseconds(12.5),
        FirstByte = TimeSpan.FromMilliseconds(10),
        Stream = false,
        Cache = "miss",
        Tokens = new TokenUsage(10, 5, 2, 1),
        CostUsd = 0.000123m,
        Attempts = 1,
        Revision = "a@1",
    };
}
