using GatewayOps.ControlPlane.Ingestion;

namespace GatewayOps.Tests.Ingestion;

/// <summary>Keys are stored: those of an older version must be found by this one. The first 16 bytes of the SHA-256 of the lines.</summary>
public sealed class AttemptKeyTests
{
    [Theory]
    [InlineData("r1", 1, 0, "0f66cb1d-d5d9-47cb-5bf7-586016564b31")]
    [InlineData("r1", null, 0, "0f66cb1d-d5d9-47cb-5bf7-586016564b31")]
    [InlineData("r1", 12, 0, "4b2ad3a2-d763-8dcf-a37e-315289c910f5")]
    [InlineData(null, null, 0, "78ee66a9-680c-6b5e-4cd0-d541f7f1c2f7")]
    [InlineData("", 1, 1024, "7f0805bd-dabd-b88f-563c-ea617841751d")]
    public void Key_StaysWhatItWas(string? requestId, int? number, int more, string key) =>
        Assert.Equal(Guid.Parse(key), Of(requestId is null ? null : requestId + new string('\u00e9', more), number).Key);

    [Fact]
    public void OwnKey_IsThatOfARowWithoutARequest() => Assert.Equal(Of(null, null).Key, Of("r1", 1).OwnKey);

    private static Attempt Of(string? requestId, int? number) => new()
    {
        Gateway = "prod",
        Source = "logs",
        Id = "01JD",
        CreatedAt = DateTimeOffset.UnixEpoch,
        RequestId = requestId,
        Number = number,
    };
}
