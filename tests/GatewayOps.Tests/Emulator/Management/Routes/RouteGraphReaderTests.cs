using System.Text.Json;
using GatewayOps.Emulator;
using GatewayOps.Emulator.Management;
using GatewayOps.Emulator.Management.Routes;
using GatewayOps.Emulator.State;
using static GatewayOps.Tests.Emulator.Management.Routes.SampleRoute;

namespace GatewayOps.Tests.Emulator.Management.Routes;

public sealed class RouteGraphReaderTests
{
    private static (RouteGraph? Graph, string[] Errors) Read(object elements, Assumptions? assumptions = null)
    {
        var errors = new List<ApiError>();
        var graph = new RouteGraphReader(new EmulatorOptions { Assumptions = assumptions ?? new Assumptions() })
            .Read(JsonSerializer.SerializeToElement(elements), FieldPath.Body["elements"], errors);
        return (graph, [.. errors.Select(error => $"{string.Join('.', error.Path!.ToJson().Skip(2))} {error.Message}".Trim())]);
    }

    private static JsonElement Without(object element, params string[] path)
    {
        var json = JsonSerializer.SerializeToNode(element)!.AsObject();
        var parent = json;
        foreach (var name in path[..^1])
            parent = parent[name]!.AsObject();
        parent.Remove(path[^1]);
        return JsonSerializer.SerializeToElement(json);
    }

    private static JsonElement Put(object element, string path, object? value)
    {
        var json = JsonSerializer.SerializeToNode(element)!.AsObject();
        var names = path.Split('.');
        var parent = json;
        foreach (var name in names[..^1])
            parent = parent[name]!.AsObject();
        parent[names[^1]] = JsonSerializer.SerializeToNode(value);
        return JsonSerializer.SerializeToElement(json);
    }

    [Fact]
    public void Read_EveryKind_KeepsWhatItSays()
    {
        var (graph, errors) = Read(new[]
        {
            Start("cond"),
            If("cond", new Dictionary<string, object> { ["metadata.plan"] = new Dictionary<string, object> { ["$eq"] = "free" } }, "rate", "split"),
            Rate("rate", "m1", "m2", new { limitType = "cost", key = "metadata.user_id", limit = 0.5, window = 86_400 }),
            Split("split", ("10%", "m1"), ("12.5%", "m2"), ("else", "end")),
            Model("m1", "gpt-5", "end", "m2"),
            Model("m2"),
            End(),
        });

        Assert.Empty(errors);
        Assert.Equal("cond", graph!.Start.Next);
        var rate = Assert.IsType<RateElement>(graph["rate"]);
        Assert.Equal((RouteLimitType.Cost, "metadata.user_id", 0.5, TimeSpan.FromDays(1), "m1", "m2"), (rate.LimitType, rate.Key, rate.Limit, rate.Window, rate.Success, rate.Fallback));
        Assert.Equal(new ModelElement("m1", "openai", "gpt-5", TimeSpan.FromSeconds(60), 2, "end", "m2"), graph["m1"]);
        var condition = Assert.IsType<ConditionalElement>(graph["cond"]);
        Assert.True(condition.Condition.Holds(name => name == "metadata.plan" ? JsonElement.Parse("\"free\"") : null));
        Assert.Equal(("rate", "split"), (condition.WhenTrue, condition.WhenFalse));
    }

    [Theory]
    [InlineData(0, "a")]
    [InlineData(9.99, "a")]
    [InlineData(10, "b")]
    [InlineData(29.99, "b")]
    [InlineData(30, "end")]
    [InlineData(99.99, "end")]
    public void Pick_Point_TakesTheShareThatItLiesIn(double point, string element)
    {
        var (graph, _) = Read(new[] { Start("split"), Split("split", ("10%", "a"), ("20%", "b"), ("else", "end")), Model("a"), Model("b"), End() });

        Assert.Equal(element, Assert.IsType<PercentageElement>(graph!["split"]).Pick(point));
    }

    public static TheoryData<object, string> BadElements { get; } = new()
    {
        { new { id = "x", outputs = new { } }, "1.type Required" },
        { new { id = "x", type = "loop", outputs = new { } }, "1.type Invalid enum value. Expected 'start' | 'conditional' | 'percentage' | 'rate' | 'model' | 'end', received 'loop'" },
        { 7, "1 Expected object, received number" },
        { Without(Model("x"), "id"), "1.id Required" },
        { Put(Model("x"), "id", ""), "1.id String must contain at least 1 character(s)" },
        { Without(Model("x"), "properties"), "1.properties Required" },
        { Without(Model("x"), "properties", "provider"), "1.properties.provider Required" },
        { Without(Model("x"), "properties", "model"), "1.properties.model Required" },
        { Without(Model("x"), "properties", "timeout"), "1.properties.timeout Required" },
        { Without(Model("x"), "properties", "retries"), "1.properties.retries Required" },
        { Put(Model("x"), "properties.timeout", -1), "1.properties.timeout Number must be greater than or equal to 0" },
        { Put(Model("x"), "properties.timeout", "60"), "1.properties.timeout Expected number, received string" },
        { Put(Model("x"), "properties.retries", -1), "1.properties.retries Number must be greater than or equal to 0" },
        { Put(Model("x"), "properties.retries", 1.5), "1.properties.retries Expected integer, received float" },
        { Without(Model("x"), "outputs"), "1.outputs Required" },
        { Without(Model("x"), "outputs", "success"), "1.outputs.success Required" },
        { Without(Model("x"), "outputs", "fallback"), "1.outputs.fallback Required" },
        { Put(Model("x"), "outputs.success", new { }), "1.outputs.success.elementId Required" },
        { Put(Model("x"), "outputs.success", "end"), "1.outputs.success Expected object, received string" },
        { Without(Rate("x", "end", "end"), "outputs", "fallback"), "1.outputs.fallback Required" },
        { Without(Rate("x", "end", "end"), "properties", "limitType"), "1.properties.limitType Required" },
        { Put(Rate("x", "end", "end"), "properties.limitType", "tokens"), "1.properties.limitType Invalid enum value. Expected 'count' | 'cost', received 'tokens'" },
        { Without(Rate("x", "end", "end"), "properties", "key"), "1.properties.key Required" },
        { Without(Rate("x", "end", "end"), "properties", "limit"), "1.properties.limit Required" },
        { Put(Rate("x", "end", "end"), "properties.limit", -0.1), "1.properties.limit Number must be greater than or equal to 0" },
        { Without(Rate("x", "end", "end"), "properties", "window"), "1.properties.window Required" },
        { Put(Rate("x", "end", "end"), "properties.window", 0), "1.properties.window Number must be greater than 0" },
        { Without(If("x", new { }, "end", "end"), "properties"), "1.properties Required" },
        { Without(If("x", new { }, "end", "end"), "outputs", "false"), "1.outputs.false Required" },
        { If("x", "free", "end", "end"), "1.properties.conditions Expected object, received string" },
        { Without(Start("end"), "outputs", "next"), "1.outputs.next Required" },
        { Without(End("x"), "outputs"), "1.outputs Required" },
        { Put(End("x"), "outputs.next", To("end")), "1.outputs An end has no outputs" },
        { Split("x", ("ten", "end")), "1.outputs.ten Expected a percentage such as '10%', or 'else'" },
        { Split("x", ("-1%", "end"), ("else", "end")), "1.outputs.-1% Expected a percentage such as '10%', or 'else'" },
        { Split("x", ("101%", "end"), ("else", "end")), "1.outputs Percentages total 101 % and must total at most 100 %" },
        { Split("x", ("60%", "end"), ("39.9%", "end")), "1.outputs Percentages total 99.9 % and must total 100 % where there is no 'else'" },
        { Split("x", ("60%", "end"), ("50%", "end")), "1.outputs Percentages total 110 % and must total 100 % where there is no 'else'" },
        { Split("x", ("1%", "end"), ("2%", "end"), ("3%", "end"), ("4%", "end"), ("5%", "end"), ("6%", "end"), ("else", "end")), "1.outputs At most 5 percentages and 'else'" },
        { Split("x"), "1.outputs Percentages total 0 % and must total 100 % where there is no 'else'" },
    };

    [Theory]
    [MemberData(nameof(BadElements), DisableDiscoveryEnumeration = true)]
    public void Read_BadElement_IsNamedByPath(object element, string error) => Assert.Equal([error], Read(new[] { Start("x"), element, End() }).Errors);

    [Fact]
    public void Read_BoundsThatAreStillAllowed_Pass()
    {
        Assert.Empty(Read(new[]
        {
            Start("split"),
            Split("split", ("33.3%", "rate"), ("33.4%", "if"), ("33.300000%", "m1")),
            Put(Rate("rate", "if", "if"), "properties.limit", 0),
            If("if", new { }, "m1", "m1"),
            Put(Put(Model("m1"), "properties.timeout", 0), "properties.retries", 0),
            End(),
        }).Errors);
    }

    public static TheoryData<object, string[]> BadConditions { get; } = new()
    {
        { new Dictionary<string, object> { ["$xor"] = Array.Empty<int>() }, ["$xor Unknown operator '$xor'"] },
        { new Dictionary<string, object> { ["a"] = new Dictionary<string, object> { ["$regex"] = "x" } }, ["a.$regex Unknown operator '$regex'"] },
        { new Dictionary<string, object> { ["a"] = new Dictionary<string, object> { ["$eq"] = 1, ["b"] = 2 } }, ["a.b Unknown operator 'b'"] },
        { new Dictionary<string, object> { ["a"] = new Dictionary<string, object> { ["$in"] = "x" } }, ["a.$in Expected array, received string"] },
        { new Dictionary<string, object> { ["a"] = new Dictionary<string, object> { ["$gt"] = true } }, ["a.$gt Expected number or string, received boolean"] },
        { new Dictionary<string, object> { ["a"] = new Dictionary<string, object> { ["$exists"] = 1 } }, ["a.$exists Expected boolean, received number"] },
        { new Dictionary<string, object> { ["a"] = new Dictionary<string, object> { ["$not"] = 1 } }, ["a.$not Expected an object of operators"] },
        { new Dictionary<string, object> { ["$and"] = Array.Empty<int>() }, ["$and Array must contain at least 1 element(s)"] },
        { new Dictionary<string, object> { ["$or"] = new { } }, ["$or Expected array, received object"] },
        { new Dictionary<string, object> { ["$and"] = new object[] { "x" } }, ["$and.0 Expected object, received string"] },
        { new Dictionary<string, object> { [""] = 1 }, [" A field needs a name"] },
    };

    [Theory]
    [MemberData(nameof(BadConditions), DisableDiscoveryEnumeration = true)]
    public void Read_BadCondition_IsNamedByPath(object conditions, string[] errors) => Assert.Equal(
        errors.Select(error => $"1.properties.conditions.{error}"), Read(new[] { Start("x"), If("x", conditions, "end", "end"), End() }).Errors);

    public static TheoryData<object[], string[]> BadGraphs { get; } = new()
    {
        { [], ["Array must contain at least 1 element(s)"] },
        { [Model("m1"), End()], ["A route has exactly one start element, not 0"] },
        { [Start("end"), Put(Start("end"), "id", "again"), End()], ["A route has exactly one start element, not 2"] },
        { [Start("m1"), Model("m1", success: "m2", fallback: "m2"), If("m2", new { }, "start", "start")], ["A route has at least one end element", "0 Element 'start' leads back to itself"] },
        { [Start("m1"), Model("m1"), Model("m1"), End()], ["2.id Element id 'm1' is used twice"] },
        { [Start("m1"), Model("m1", success: "end", fallback: "nowhere"), End()], ["1.outputs.fallback.elementId Element 'nowhere' does not exist"] },
        { [Start("m1"), Model("m1", fallback: "m1"), End()], ["1 Element 'm1' leads back to itself"] },
        { [Start("a"), Model("a", fallback: "b"), Model("b", fallback: "c"), Model("c", fallback: "b"), End()], ["2 Element 'b' leads back to itself"] },
    };

    [Theory]
    [MemberData(nameof(BadGraphs), DisableDiscoveryEnumeration = true)]
    public void Read_BrokenGraph_NamesTheRule(object[] elements, string[] errors)
    {
        var (graph, found) = Read(elements);

        Assert.Null(graph);
        Assert.Equal(errors, found);
    }

    [Fact]
    public void Read_LongChain_IsNoDeepRecursion()
    {
        const int Length = 20_000;
        object[] chain = [Start("m0"), .. Enumerable.Range(0, Length).Select(index => Model($"m{index}", fallback: $"m{index + 1}")), Model($"m{Length}"), End()];

        Assert.Equal(Length + 3, Read(chain).Graph!.Elements.Count);
    }

    [Fact]
    public void Read_OldVocabulary_IsAcceptedOnlyWhenAssumed()
    {
        object[] elements =
        [
            Start("limit"),
            Put(Rate("limit", "if", "end", new { limitType = "count", key = "k", limit = 1, interval = 60, technique = "sliding" }), "type", "rate_limit"),
            Put(Without(If("if", new { }, "end", "end"), "properties", "conditions"), "properties.condition", new { plan = "free" }),
            End(),
        ];

        Assert.Single(Read(elements).Errors);
        var graph = Read(elements, new Assumptions { OldRouteVocabulary = true }).Graph!;

        var limit = Assert.IsType<RateElement>(graph["limit"]);
        Assert.Equal((TimeSpan.FromMinutes(1), RateLimitTechnique.Sliding), (limit.Window, limit.Technique));
        Assert.False(Assert.IsType<ConditionalElement>(graph["if"]).Condition.Holds(_ => null));
    }

    [Fact]
    public void Read_ShortElements_AreAcceptedOnlyWhenAssumed()
    {
        object[] elements = [Start("m1"), Without(Model("m1"), "outputs", "fallback"), Without(End(), "outputs")];

        Assert.Equal(2, Read(elements).Errors.Length);
        Assert.Null(Assert.IsType<ModelElement>(Read(elements, new Assumptions { ShortRouteElements = true }).Graph!["m1"]).Fallback);
    }

    [Fact]
    public void Read_UnknownOperatorAssumedFine_NeverHolds()
    {
        object[] elements = [Start("x"), If("x", new Dictionary<string, object> { ["a"] = new Dictionary<string, object> { ["$regex"] = "." } }, "end", "end"), End()];

        var graph = Read(elements, new Assumptions { UnknownRouteOperators = true }).Graph!;

        Assert.False(Assert.IsType<ConditionalElement>(graph["x"]).Condition.Holds(_ => JsonElement.Parse("\"abc\"")));
    }

    [Fact]
    public void Read_BrokenGraphAssumedKept_HasNoGraphAndNoError()
    {
        var (graph, errors) = Read(new[] { Start("nowhere"), End() }, new Assumptions { KeepsInvalidRouteGraphs = true });

        Assert.Null(graph);
        Assert.Empty(errors);
    }
}
