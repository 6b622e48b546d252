namespace GatewayOps.Tests.Support;

/// <summary>The parser is what all metrics tests stand on: it must refuse each fault by itself.</summary>
public sealed class PrometheusTextTests
{
    private const string Text =
        "# HELP c_total Count \\\\ of\\nthings.\n# TYPE c_total counter\nc_total{a=\"x\\\"\\\\\\n\"} 1\nc_total 2\n" +
        "# TYPE g gauge\ng -1.5\n" +
        "# TYPE h_seconds histogram\nh_seconds_bucket{a=\"x\",le=\"0.5\"} 1\nh_seconds_bucket{a=\"x\",le=\"1\"} 1\nh_seconds_bucket{a=\"x\",le=\"+Inf\"} 3\nh_seconds_sum{a=\"x\"} 9\nh_seconds_count{a=\"x\"} 3\n";

    private const string Open =
        "# HELP c Count of \\\"things\\\".\n# TYPE c counter\nc_total 2\n" +
        "# TYPE g gauge\ng NaN\n" +
        "# TYPE h_seconds histogram\n# UNIT h_seconds seconds\nh_seconds_bucket{le=\"0.5\"} 1\nh_seconds_bucket{le=\"1e+06\"} 1\nh_seconds_bucket{le=\"+Inf\"} 3\nh_seconds_sum 9\nh_seconds_count 3\n" +
        "# TYPE target info\ntarget_info{v=\"1\"} 1\n# EOF\n";

    [Fact]
    public void Parse_Text_ReadsFamiliesAndEscapes()
    {
        var families = PrometheusText.Parse(Text, openMetrics: false);
        Assert.Equal(["c_total", "g", "h_seconds"], families.Keys);
        Assert.Equal(("counter", "Count \\ of\nthings."), (families["c_total"].Type, families["c_total"].Help));
        Assert.Equal("x\"\\\n", families["c_total"].Samples[0].Labels["a"]);
        Assert.Equal(-1.5, families["g"].Samples.Single().Value);
    }

    [Fact]
    public void Parse_OpenMetrics_ReadsUnitAndInfo()
    {
        var families = PrometheusText.Parse(Open, openMetrics: true);
        Assert.Equal(("seconds", "Count of \"things\"."), (families["h_seconds"].Unit, families["c"].Help));
        Assert.Equal("info", families["target"].Type);
    }

    [Theory]
    [InlineData("duplicate series", "c_total 2\n", "c_total 2\nc_total 3\n")]
    [InlineData("duplicate series, labels in another order", "c_total 2\n", "c_total{p=\"1\",q=\"2\"} 2\nc_total{q=\"2\",p=\"1\"} 2\n")]
    [InlineData("split family", "# TYPE g gauge\ng -1.5\n", "# TYPE g gauge\ng -1.5\nc_total{z=\"1\"} 1\n")]
    [InlineData("family named twice", "# TYPE g gauge\ng -1.5\n", "# TYPE g gauge\ng -1.5\n# TYPE c_total counter\nc_total{z=\"1\"} 1\n")]
    [InlineData("missing +Inf", "h_seconds_bucket{a=\"x\",le=\"+Inf\"} 3\n", "")]
    [InlineData("bucket order", "le=\"0.5\"", "le=\"2\"")]
    [InlineData("equal buckets", "le=\"0.5\"", "le=\"1.0\"")]
    [InlineData("shrinking buckets", "le=\"0.5\"} 1", "le=\"0.5\"} 2")]
    [InlineData("count is not +Inf", "h_seconds_count{a=\"x\"} 3", "h_seconds_count{a=\"x\"} 4")]
    [InlineData("no count", "h_seconds_count{a=\"x\"} 3\n", "")]
    [InlineData("no sum", "h_seconds_sum{a=\"x\"} 9\n", "")]
    [InlineData("bucket without le", "h_seconds_bucket{a=\"x\",le=\"0.5\"} 1", "h_seconds_bucket{a=\"x\"} 1")]
    [InlineData("counter without _total", "c_total", "c")]
    [InlineData("gauge with _total", "# TYPE g gauge\ng ", "# TYPE g_total gauge\ng_total ")]
    [InlineData("negative counter", "c_total 2", "c_total -2")]
    [InlineData("NaN counter", "c_total 2", "c_total NaN")]
    [InlineData("quote not escaped", "x\\\"", "x\"")]
    [InlineData("unknown escape", "x\\\"", "x\\t")]
    [InlineData("unknown escape in HELP", "of\\n", "of\\t")]
    [InlineData("carriage return", "g -1.5\n", "g -1.5\r\n")]
    [InlineData("empty line", "g -1.5\n", "g -1.5\n\n")]
    [InlineData("TYPE after sample", "# TYPE g gauge\ng -1.5\n", "g -1.5\n# TYPE g gauge\n")]
    [InlineData("HELP after sample", "g -1.5\n", "g -1.5\n# HELP g Late.\n")]
    [InlineData("second TYPE", "# TYPE g gauge\n", "# TYPE g gauge\n# TYPE g gauge\n")]
    [InlineData("no TYPE", "# TYPE g gauge\n", "")]
    [InlineData("TYPE without sample", "g -1.5\n", "")]
    [InlineData("unknown type", "g gauge", "g level")]
    [InlineData("bad name", "# TYPE g gauge\ng ", "# TYPE g.x gauge\ng.x ")]
    [InlineData("bad label name", "{a=\"x\\", "{a.b=\"x\\")]
    [InlineData("label twice", "c_total 2", "c_total{a=\"1\",a=\"2\"} 2")]
    [InlineData("le outside a histogram", "g -1.5", "g{le=\"1\"} -1.5")]
    [InlineData("comma number", "g -1.5", "g -1,5")]
    [InlineData("timestamp", "g -1.5", "g -1.5 1700000000")]
    [InlineData("UNIT in text", "# TYPE h_seconds histogram\n", "# TYPE h_seconds histogram\n# UNIT h_seconds seconds\n")]
    public void Parse_FaultyText_IsRefused(string fault, string right, string wrong)
    {
        var broken = Text.Replace(right, wrong, StringComparison.Ordinal);
        Assert.True(Text != broken, fault);
        Assert.Throws<FormatException>(() => PrometheusText.Parse(broken, openMetrics: false));
    }

    [Theory]
    [InlineData("no EOF", "# EOF\n", "")]
    [InlineData("EOF not last", "# EOF\n", "# EOF\ng 1\n")]
    [InlineData("EOF without newline", "# EOF\n", "# EOF")]
    [InlineData("counter family with _total", "# HELP c Count of \\\"things\\\".\n# TYPE c counter", "# TYPE c_total counter")]
    [InlineData("counter sample without _total", "c_total 2", "c 2")]
    [InlineData("unit is not the suffix", "UNIT h_seconds seconds", "UNIT h_seconds bytes")]
    [InlineData("le not canonical, whole", "le=\"0.5\"", "le=\"0\"")]
    [InlineData("le not canonical, exponent", "1e+06", "1000000.0")]
    [InlineData("quote in HELP", "\\\"things\\\"", "\"things\"")]
    [InlineData("info is not 1", "target_info{v=\"1\"} 1", "target_info{v=\"1\"} 2")]
    public void Parse_FaultyOpenMetrics_IsRefused(string fault, string right, string wrong)
    {
        var broken = Open.Replace(right, wrong, StringComparison.Ordinal);
        Assert.True(Open != broken, fault);
        Assert.Throws<FormatException>(() => PrometheusText.Parse(broken, openMetrics: true));
    }

    [Fact]
    public void Parse_NoFinalNewline_IsRefused() => Assert.Throws<FormatException>(() => PrometheusText.Parse(Text[..^1], openMetrics: false));

    [Fact]
    public void Parse_TextReadAsOpenMetrics_IsRefused() => Assert.Throws<FormatException>(() => PrometheusText.Parse(Text, openMetrics: true));
}
