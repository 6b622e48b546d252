using System.Net;
using GatewayOps.ControlPlane.Events;

namespace GatewayOps.Tests.Events;

public sealed class RetryTests
{
    [Theory]
    [InlineData(1, null, 1)]
    [InlineData(2, null, 2)]
    [InlineData(10, null, 512)]
    [InlineData(13, null, 3600)]
    [InlineData(100_000, null, 3600)]
    [InlineData(1, 30, 30)]
    [InlineData(10, 30, 512)]
    [InlineData(1, 999_999_999, 3600)]
    [InlineData(1, -5, 1)]
    [InlineData(1, 0, 1)]
    public void Wait_DoublesToAnHour_AndHonoursWhatIsAskedUpToAnHour(int attempts, int? asked, int expected)
    {
        Assert.Equal(expected, Retry.Wait(attempts, asked is { } seconds ? TimeSpan.FromSeconds(seconds) : null, jitter: 0).TotalSeconds);
    }

    [Fact]
    public void Wait_Jitter_TakesOffAtMostAFifth() => Assert.Equal(0.8, Retry.Wait(1, null, jitter: 1).TotalSeconds, precision: 6);

    [Theory]
    [InlineData(10, 24, true)]
    [InlineData(9, 240, false)]
    [InlineData(1000, 23.99, false)]
    public void IsFailing_NeedsAttemptsAndADay(int attempts, double hours, bool expected) => Assert.Equal(expected, Retry.IsFailing(attempts, TimeSpan.FromHours(hours)));

    [Theory]
    [InlineData(null, false)]
    [InlineData(408, false)]
    [InlineData(429, false)]
    [InlineData(502, false)]
    [InlineData(503, false)]
    [InlineData(504, false)]
    [InlineData(302, true)]
    [InlineData(400, true)]
    [InlineData(410, true)]
    [InlineData(500, true)]
    public void IsVerdict_IsAnAnswerThatMayBeAboutTheEvent(int? status, bool expected) => Assert.Equal(expected, new Delivery((HttpStatusCode?)status, "failed", null).IsVerdict);
}
