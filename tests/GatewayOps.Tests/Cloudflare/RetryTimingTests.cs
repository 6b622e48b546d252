using System.Net.Http.Headers;
using GatewayOps.Cloudflare;
using GatewayOps.Cloudflare.Http;

namespace GatewayOps.Tests.Cloudflare;

public sealed class RetryTimingTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(0, 0, 0.5)]
    [InlineData(0, 1, 0.375)]
    [InlineData(1, 0, 1)]
    [InlineData(3, 0.5, 3.5)]
    [InlineData(4, 0, 8)]
    [InlineData(5, 0, 8)]
    [InlineData(60, 1, 6)]
    public void Backoff_Attempt_DoublesUpToEightSecondsLessAQuarter(int attempt, double random, double seconds) =>
        Assert.Equal(seconds, RetryTiming.Backoff(attempt, random).TotalSeconds, 3);

    [Theory]
    [InlineData("Retry-After", "7", 7.0)]
    [InlineData("Retry-After", "1.5", 1.5)]
    [InlineData("Retry-After", "99999999", 300.0)]
    [InlineData("Retry-After", "99999999999999999999999", 300.0)]
    [InlineData("Retry-After", "-5", null)]
    [InlineData("Retry-After", "0", null)]
    [InlineData("Retry-After", "soon", null)]
    [InlineData("Retry-After", "NaN", null)]
    [InlineData("Retry-After", "Sat, 21 Nov 2026 12:00:30 GMT", 30.0)]
    [InlineData("Retry-After", "Sat, 21 Nov 2026 11:00:30 GMT", null)]
    [InlineData("Retry-After", "Sat, 21 Nov 2099 12:00:00 GMT", 300.0)]
    [InlineData("retry-after-ms", "250", 0.25)]
    [InlineData("x-other", "1", null)]
    public void Asked_Header_IsBounded(string name, string value, double? seconds)
    {
        var headers = new HttpResponseMessage().Headers;
#pragma warning disable RS0030 // constants of this test, and some are wrong on purpose
        headers.TryAddWithoutValidation(name, value);
#pragma warning restore RS0030
        Assert.Equal(seconds, RetryTiming.Asked(headers, Now)?.TotalSeconds);
    }

    [Fact]
    public void Asked_BothHeaders_MillisecondsWin()
    {
        var headers = new HttpResponseMessage().Headers;
        headers.Add("retry-after-ms", "1200");
        headers.RetryAfter = new RetryConditionHeaderValue(TimeSpan.FromSeconds(9));
        Assert.Equal(TimeSpan.FromSeconds(1.2), RetryTiming.Asked(headers, Now));
    }
}
