using GatewayOps.Rules;

namespace GatewayOps.Tests.Rules;

public class RouteGraphTests
{
    private const string Start = """{"id":"start","type":"start","outputs":{"next":{"elementId":"m"}}}""";
    private const string Model = """{"id":"m","type":"model","properties":{"provider":"openai","model":"gpt-4o","timeout":1000,"retries":0},"outputs":{"success":{"elementId":"end"},"fallback":{"elementId":"end"}}}""";
    private const string End = """{"id":"end","type":"end"}""";

    [Fact]
    public void Read_StartModelEnd_IsSound() => Assert.Empty(Read(Start, Model, End));

    [Theory]
    [InlineData("start", RuleSetErrorCodes.RouteStart, "/routes/0/elements", Model, End)]
    [InlineData("two starts", RuleSetErrorCodes.RouteStart, "/routes/0/elements/1", Start, """{"id":"start2","type":"start","outputs":{"next":{"elementId":"m"}}}""", Model, End)]
    [InlineData("end", RuleSetErrorCodes.RouteEnd, "/routes/0/elements", Start, """{"id":"m","type":"model","properties":{"provider":"openai","model":"gpt-4o","timeout":1000,"retries":0},"outputs":{"success":{"elementId":"m"}}}""")]
    [InlineData("one id twice", RuleSetErrorCodes.DuplicateName, "/routes/0/elements/2/id", Start, Model, """{"id":"m","type":"end"}""", End)]
    [InlineData("dangling", RuleSetErrorCodes.RouteDanglingEdge, "/routes/0/elements/0/outputs/next/elementId", """{"id":"start","type":"start","outputs":{"next":{"elementId":"nobody"}}}""", Model, End)]
    [InlineData("unreachable", RuleSetErrorCodes.RouteUnreachable, "/routes/0/elements/1", """{"id":"start","type":"start","outputs":{"next":{"elementId":"end"}}}""", Model, End)]
    [InlineData("cycle of two", RuleSetErrorCodes.RouteCycle, "/routes/0/elements/2/outputs/false/elementId", Start,
        """{"id":"m","type":"model","properties":{"provider":"openai","model":"gpt-4o","timeout":1000,"retries":0},"outputs":{"success":{"elementId":"end"},"fallback":{"elementId":"c"}}}""",
        """{"id":"c","type":"conditional","properties":{"conditions":{"metadata.a":1}},"outputs":{"true":{"elementId":"end"},"false":{"elementId":"m"}}}""", End)]
    [InlineData("cycle of one", RuleSetErrorCodes.RouteCycle, "/routes/0/elements/1/outputs/fallback/elementId", Start,
        """{"id":"m","type":"model","properties":{"provider":"openai","model":"gpt-4o","timeout":1000,"retries":0},"outputs":{"success":{"elementId":"end"},"fallback":{"elementId":"m"}}}""", End)]
    [InlineData("99.5 %", RuleSetErrorCodes.RoutePercentages, "/routes/0/elements/1/outputs", """{"id":"start","type":"start","outputs":{"next":{"elementId":"p"}}}""",
        """{"id":"p","type":"percentage","outputs":{"50%":{"elementId":"end"},"49.5%":{"elementId":"end"}}}""", End)]
    [InlineData("100.000001 %", RuleSetErrorCodes.RoutePercentages, "/routes/0/elements/1/outputs", """{"id":"start","type":"start","outputs":{"next":{"elementId":"p"}}}""",
        """{"id":"p","type":"percentage","outputs":{"100%":{"elementId":"end"},"0.000001%":{"elementId":"end"},"else":{"elementId":"end"}}}""", End)]
    [InlineData("six shares", RuleSetErrorCodes.RoutePercentages, "/routes/0/elements/1/outputs", """{"id":"start","type":"start","outputs":{"next":{"elementId":"p"}}}""",
        """{"id":"p","type":"percentage","outputs":{"10%":{"elementId":"end"},"11%":{"elementId":"end"},"12%":{"elementId":"end"},"13%":{"elementId":"end"},"14%":{"elementId":"end"},"40%":{"elementId":"end"}}}""", End)]
    [InlineData("0 %", RuleSetErrorCodes.RoutePercentages, "/routes/0/elements/1/outputs/0%", """{"id":"start","type":"start","outputs":{"next":{"elementId":"p"}}}""",
        """{"id":"p","type":"percentage","outputs":{"0%":{"elementId":"end"},"100%":{"elementId":"end"}}}""", End)]
    [InlineData("else alone", RuleSetErrorCodes.RoutePercentages, "/routes/0/elements/1/outputs", """{"id":"start","type":"start","outputs":{"next":{"elementId":"p"}}}""",
        """{"id":"p","type":"percentage","outputs":{"else":{"elementId":"end"}}}""", End)]
    [InlineData("unknown provider", RuleSetErrorCodes.UnknownProvider, "/routes/0/elements/1/properties/provider", Start,
        """{"id":"m","type":"model","properties":{"provider":"opnai","model":"gpt-4o","timeout":1000,"retries":0},"outputs":{"success":{"elementId":"end"}}}""", End)]
    [InlineData("no provider", RuleSetErrorCodes.Required, "/routes/0/elements/1/properties", Start,
        """{"id":"m","type":"model","properties":{"model":"gpt-4o","timeout":1000,"retries":0},"outputs":{"success":{"elementId":"end"}}}""", End)]
    [InlineData("timeout", RuleSetErrorCodes.OutOfRange, "/routes/0/elements/1/properties/timeout", Start,
        """{"id":"m","type":"model","properties":{"provider":"openai","model":"gpt-4o","timeout":0,"retries":0},"outputs":{"success":{"elementId":"end"}}}""", End)]
    [InlineData("retries", RuleSetErrorCodes.OutOfRange, "/routes/0/elements/1/properties/retries", Start,
        """{"id":"m","type":"model","properties":{"provider":"openai","model":"gpt-4o","timeout":1,"retries":11},"outputs":{"success":{"elementId":"end"}}}""", End)]
    [InlineData("unknown operator", RuleSetErrorCodes.InvalidValue, "/routes/0/elements/1/properties/conditions/metadata.a/$regex", """{"id":"start","type":"start","outputs":{"next":{"elementId":"c"}}}""",
        """{"id":"c","type":"conditional","properties":{"conditions":{"metadata.a":{"$regex":"x"}}},"outputs":{"true":{"elementId":"end"},"false":{"elementId":"end"}}}""", End)]
    [InlineData("half a request", RuleSetErrorCodes.WrongType, "/routes/0/elements/1/properties/limit", """{"id":"start","type":"start","outputs":{"next":{"elementId":"r"}}}""",
        """{"id":"r","type":"rate","properties":{"limitType":"count","key":"metadata.user","limit":0.5,"window":60},"outputs":{"success":{"elementId":"end"}}}""", End)]
    [InlineData("an older word", RuleSetErrorCodes.NotSupported, "/routes/0/elements/1/properties/interval", """{"id":"start","type":"start","outputs":{"next":{"elementId":"r"}}}""",
        """{"id":"r","type":"rate","properties":{"limitType":"count","key":"metadata.user","limit":5,"window":60,"interval":60},"outputs":{"success":{"elementId":"end"}}}""", End)]
    [InlineData("no type", RuleSetErrorCodes.Required, "/routes/0/elements/1", Start, """{"id":"m"}""", End)]
    [InlineData("no such type", RuleSetErrorCodes.InvalidValue, "/routes/0/elements/1/type", Start, """{"id":"m","type":"modle"}""", End)]
    public void Read_OneFault_IsFoundAtItsPlace(string fault, string code, string pointer, params string[] elements)
    {
        var errors = Read(elements);

        Assert.Contains(errors, error => error.Code == code && error.Pointer == pointer);
        Assert.True(errors.Count == 1 || fault is "end", string.Join('\n', errors));
    }

    [Fact]
    public void Read_FaultyPropertiesAndAFaultyGraph_AreBothFound() => Assert.Equal(
        [RuleSetErrorCodes.OutOfRange, RuleSetErrorCodes.RouteUnreachable],
        Read(Start.Replace("\"m\"", "\"end\""), Model.Replace("1000", "0"), End).Select(error => error.Code));

    [Fact]
    public void Read_ACycle_IsSpeltOut() => Assert.Contains(
        "m → m",
        Assert.Single(Read(Start, Model.Replace("\"fallback\":{\"elementId\":\"end\"}", "\"fallback\":{\"elementId\":\"m\"}"), End)).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Read_AMisspeltTarget_SuggestsTheElement() => Assert.Contains(
        "Did you mean \"end\"?",
        Assert.Single(Read(Start, Model.Replace("\"fallback\":{\"elementId\":\"end\"}", "\"fallback\":{\"elementId\":\"End\"}"), End)).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Read_ALongRoute_IsLookedAtOnce()
    {
        // Every element leads to the next twice: 2^198 ways, and each element is walked once.
        const string element = """{"id":"eTHIS","type":"conditional","properties":{"conditions":{"metadata.a":1}},"outputs":{"true":{"elementId":"eNEXT"},"false":{"elementId":"eNEXT"}}}""";
        var elements = Enumerable.Range(0, 198).Select(n => element.Replace("THIS", $"{n}", StringComparison.Ordinal).Replace("NEXT", $"{n + 1}", StringComparison.Ordinal));

        Assert.Empty(Read([Start.Replace("\"m\"", "\"e0\""), .. elements, End.Replace("\"end\",", "\"e198\",")]));
    }

    private static IReadOnlyList<RuleSetError> Read(params string[] elements) => Documents.Read($$"""{"routes":[{"name":"r","elements":[{{string.Join(',', elements)}}]}]}""").Errors;
}
