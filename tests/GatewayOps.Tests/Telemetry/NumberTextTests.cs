using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using GatewayOps.ControlPlane.Telemetry;

namespace GatewayOps.Tests.Telemetry;

public sealed class NumberTextTests
{
    /// <summary>OpenMetrics 1.0, "Canonical numbers": the forms that it lists.</summary>
    [Theory]
    [InlineData(0, "0.0")]
    [InlineData(0.001, "0.001")]
    [InlineData(0.25, "0.25")]
    [InlineData(9.999, "9.999")]
    [InlineData(10, "10.0")]
    [InlineData(1e-10, "1e-10")]
    [InlineData(1e-05, "1e-05")]
    [InlineData(0.0001, "0.0001")]
    [InlineData(100000, "100000.0")]
    [InlineData(1000000, "1e+06")]
    [InlineData(1e10, "1e+10")]
    [InlineData(1048576, "1.048576e+06")]
    [InlineData(163.84, "163.84")]
    [InlineData(-2.5, "-2.5")]
    [InlineData(1.5e300, "1.5e+300")]
    [InlineData(double.PositiveInfinity, "+Inf")]
    public void Canonical_Number_IsAsOpenMetricsLists(double value, string text) => Assert.Equal(text, NumberText.Canonical(value));

    [Theory]
    [InlineData(12345678, "12345678")]
    [InlineData(-3, "-3")]
    [InlineData(0.1 + 0.2, "0.30000000000000004")]
    [InlineData(1e21, "1e+21")]
    [InlineData(double.NaN, "NaN")]
    [InlineData(double.NegativeInfinity, "-Inf")]
    public void Value_Number_IsShortAndExact(double value, string text) => Assert.Equal(text, NumberText.Value(value));

    [Fact]
    public void Text_AnyDouble_ReadsBackAsItself() => Prop.ForAll<double>(value =>
        double.IsNaN(value) || double.IsInfinity(value) ||
        (Same(NumberText.Value(value), value) && Same(NumberText.Canonical(value), value))).QuickCheckThrowOnFailure();

    private static bool Same(string text, double value) => double.Parse(text, CultureInfo.InvariantCulture) == value;
}
