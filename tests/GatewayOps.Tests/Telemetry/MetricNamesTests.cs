using GatewayOps.ControlPlane.Telemetry;

namespace GatewayOps.Tests.Telemetry;

public sealed class MetricNamesTests
{
    [Theory]
    [InlineData("http.server.request.duration", "s", FamilyKind.Histogram, "http_server_request_duration_seconds", "seconds")]
    [InlineData("dotnet.gc.heap.total_allocated", "By", FamilyKind.Counter, "dotnet_gc_heap_total_allocated_bytes", "bytes")]
    [InlineData("already_seconds", "s", FamilyKind.Gauge, "already_seconds", "seconds")]
    [InlineData("already_total", null, FamilyKind.Counter, "already", "")]
    [InlineData("both_bytes_total", "By", FamilyKind.Counter, "both_bytes", "bytes")]
    [InlineData("milliseconds", "s", FamilyKind.Gauge, "milliseconds_seconds", "seconds")]
    [InlineData("remark", "{request}", FamilyKind.Counter, "remark", "")]
    [InlineData("rate", "{request}/s", FamilyKind.Gauge, "rate_per_second", "per_second")]
    [InlineData("speed", "By/s", FamilyKind.Gauge, "speed_bytes_per_second", "bytes_per_second")]
    [InlineData("cost_usd", "USD", FamilyKind.Counter, "cost_usd", "usd")]
    [InlineData("ratio", "1", FamilyKind.Gauge, "ratio", "")]
    [InlineData("odd", "foo^2", FamilyKind.Gauge, "odd_foo_2", "foo_2")]
    [InlineData("a - b", null, FamilyKind.Gauge, "a_b", "")]
    [InlineData("9lives", null, FamilyKind.Gauge, "_9lives", "")]
    [InlineData("naïve", null, FamilyKind.Gauge, "na_ve", "")]
    public void Of_Instrument_IsAName(string instrument, string? unit, FamilyKind kind, string name, string suffix) =>
        Assert.Equal((name, suffix), MetricNames.Of(instrument, unit, kind));
}
