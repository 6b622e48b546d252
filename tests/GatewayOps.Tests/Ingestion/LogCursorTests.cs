using FsCheck;
using FsCheck.Fluent;
using GatewayOps.ControlPlane.Ingestion;

namespace GatewayOps.Tests.Ingestion;

public sealed class LogCursorTests
{
    private static readonly LogCursor Cursor = new(new DateTimeOffset(2026, 11, 21, 1, 2, 3, 456, TimeSpan.Zero).AddMicroseconds(7), "prod", "01JD0000000000000000000000");

    [Fact]
    public void Parse_WhatToStringGave_IsTheSame() => Assert.Equal(Cursor, LogCursor.Parse(Cursor.ToString()));

    [Theory]
    [InlineData("")]
    [InlineData("*")]
    [InlineData("AAAA")]
    [InlineData("LTEKYQpi")] // a negative time
    [InlineData("OTk5OTk5OTk5OTk5OTk5OTk5OQphCmI")] // past the end of time
    public void Parse_NoCursorOfOurs_IsNull(string text) => Assert.Null(LogCursor.Parse(text));

    [Fact]
    public void Parse_AnyText_DoesNotThrow() =>
        Prop.ForAll(ArbMap.Default.ArbFor<string?>(), text => LogCursor.Parse(text ?? "") is null or { Gateway: not null }).QuickCheckThrowOnFailure();

    [Fact]
    public void Parse_TextOfAnyLength_DoesNotThrow() => Assert.Null(LogCursor.Parse(new string('A', 100_000)));
}
