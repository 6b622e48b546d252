using FsCheck;
using FsCheck.Fluent;
using GatewayOps.ControlPlane.Ingestion;

namespace GatewayOps.Tests.Ingestion;

public sealed class LogPlaceTests
{
    private static readonly LogPlace Place = new(new DateTimeOffset(2026, 11, 21, 1, 2, 3, 456, TimeSpan.Zero).AddMicroseconds(7), "prod", "01JD0000000000000000000000");

    [Fact]
    public void Parse_WhatToStringGave_IsTheSame() => Assert.Equal(Place, LogPlace.Parse(Place.ToString()));

    [Theory]
    [InlineData("")]
    [InlineData("*")]
    [InlineData("yesterday\na\nb")]
    [InlineData("99999-01-01T00:00:00.0000000+00:00\na\nb")]
    public void Parse_NoPlaceOfOurs_IsNull(string text) => Assert.Null(LogPlace.Parse(text));

    [Fact]
    public void Parse_AnyText_DoesNotThrow() =>
        Prop.ForAll(ArbMap.Default.ArbFor<string?>(), text => LogPlace.Parse(text ?? "") is null or { Gateway: not null }).QuickCheckThrowOnFailure();
}
