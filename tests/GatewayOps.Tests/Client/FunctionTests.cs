using System.ComponentModel;
using System.Text.Json;
using GatewayOps.Client;
using Microsoft.Extensions.AI;

namespace GatewayOps.Tests.Client;

public sealed class FunctionTests(ClientStage stage) : IClassFixture<ClientStage>
{
    [Description("Get current weather for a city.")]
    private static string GetWeather([Description("The city, in English.")] string city, int days = 1) => $"Weather in {city}: Sunny, {days}";

    [Fact, Trait("checklist", "S3-14")]
    public void Schema_ComesFromTheSignature_AndItsDescriptions()
    {
        var function = GatewayTool.Function(GetWeather, "get_weather");
        Assert.Equal("Get current weather for a city.", function.Description);
        Assert.Equal("The city, in English.", function.JsonSchema.GetProperty("properties").GetProperty("city").GetProperty("description").GetString());
        Assert.Equal(["city"], function.JsonSchema.GetProperty("required").EnumerateArray().Select(name => name.GetString()));
    }

    [Theory, Trait("checklist", "S3-14")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task TwoFunctions_OfOneTurn_AreBothRun_AndTheModelGetsTheirResults(bool streamed)
    {
        var asked = new List<string>();
        ChatOptions options = new()
        {
            Tools = [GatewayTool.Function((string city) => { lock (asked) asked.Add("weather"); return $"sunny in {city}"; }, "get_weather"), GatewayTool.Function((double expression) => { lock (asked) asked.Add("sum"); return expression; }, "calculate_sum")],
        };
        await using var client = stage.Client();
        var tag = $"What is the weather, and what is the sum? (S3-14 {streamed})";
        var answer = streamed ? await client.GetStreamingResponseAsync(tag, options).ToChatResponseAsync() : await client.GetResponseAsync(tag, options);
        Assert.Equal(["sum", "weather"], asked.Order());
        Assert.NotEmpty(answer.Text);
        Assert.Equal(2, answer.GetGatewayUsage().Turns);
        var results = answer.Messages.SelectMany(message => message.Contents).OfType<FunctionResultContent>().ToList();
        Assert.Equal(2, results.Count);
        var messages = (await stage.ReceivedAsync("openai", tag)).Body.GetProperty("messages").EnumerateArray().ToList();
        Assert.Equal(["user", "assistant", "tool", "tool"], messages.Select(message => message.GetProperty("role").GetString()));
        Assert.Equal(messages[1].GetProperty("tool_calls").EnumerateArray().Select(call => call.GetProperty("id").GetString()), messages[2..].Select(message => message.GetProperty("tool_call_id").GetString()));
        Assert.StartsWith("sunny in ", messages[2].GetProperty("content").GetString());
    }

    [Fact, Trait("checklist", "S3-14")]
    public async Task Functions_OfOneTurn_RunAtOnce_AndAnswerInOrder()
    {
        await using var gateway = await ScriptedGateway.StartAsync(ScriptedGateway.Calls(("a", "{}"), ("b", "{}")), ScriptedGateway.Says("both"));
        await using var client = gateway.Client();
        using var meeting = new Barrier(2);
        // Neither returns before the other has begun; and neither is async.
        var options = new ChatOptions { Tools = [GatewayTool.Function(() => { meeting.SignalAndWait(5000); return "of a"; }, "a"), GatewayTool.Function(() => { meeting.SignalAndWait(5000); return "of b"; }, "b")] };
        Assert.Equal("both", (await client.ChatAsync("x", options: options)).Text);
        Assert.Equal(["of a", "of b"], Results(gateway, 1));
    }

    [Fact, Trait("checklist", "S3-14")]
    public async Task Failures_GoBackToTheModel()
    {
        await using var gateway = await ScriptedGateway.StartAsync(
            ScriptedGateway.Calls(("weather", "{\"city\":\"Rome\"}"), ("wether", "{}"), ("weather", "{\"city\":"), ("weather", "{}"), ("weather", "{\"city\":{\"x\":1}}"), ("weather", "[1]")), ScriptedGateway.Says("sorry"));
        await using var client = gateway.Client();
        var calls = 0;
        var options = new ChatOptions { Tools = [GatewayTool.Function(string (string city) => { calls++; throw new InvalidOperationException("no station there"); }, "weather")] };
        Assert.Equal("sorry", (await client.ChatAsync("x", options: options)).Text);
        Assert.Equal(1, calls);
        Assert.Collection(Results(gateway, 1),
            result => Assert.Equal("Error: no station there", result),
            result => Assert.Equal("Error: there is no function \"wether\". There are: weather.", result),
            result => Assert.StartsWith("Error: the arguments of weather are no JSON object", result),
            result => Assert.Equal("Error: weather needs the argument city.", result),
            result => Assert.StartsWith("Error: the arguments of weather are invalid", result),
            result => Assert.StartsWith("Error: the arguments of weather are no JSON object", result));
        // What the model said is shown to it as it said it.
        Assert.Contains("\"arguments\":\"{\\\"city\\\":\"", gateway.Asked[1].Body);
    }

    [Theory]
    [InlineData("cf-aig-cache-status", "HIT", 1)]
    [InlineData("x-gatewayops-cache", "hit", 1)]
    [InlineData("cf-aig-cache-status", "MISS", 0)]
    public async Task Turns_OfTheCache_AreTold(string header, string value, int cached)
    {
        await using var gateway = await ScriptedGateway.StartAsync(
            context =>
            {
                context.Response.Headers[header] = value;
                return ScriptedGateway.Calls(("again", "{}"))(context);
            },
            ScriptedGateway.Says("done"));
        await using var client = gateway.Client();
        var answer = await client.GetResponseAsync("x", new ChatOptions { Tools = [GatewayTool.Function(() => 1, "again")] });
        Assert.Equal((2, cached), (answer.GetGatewayUsage().Turns, answer.GetGatewayUsage().CachedTurns));
    }

    [Theory, Trait("checklist", "S3-15"), Trait("checklist", "S3-19")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Turns_EndAtTheirLimit_WithAReasonOfTheirOwn(bool streamed)
    {
        await using var gateway = await ScriptedGateway.StartAsync(streamed
            ? ScriptedGateway.Events("data: {\"id\":\"c\",\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"call-0\",\"function\":{\"name\":\"again\",\"arguments\":\"\"}}]}}]}\n\ndata: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"{}\"}}]},\"finish_reason\":\"tool_calls\"}],\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":4,\"total_tokens\":14}}\n\ndata: [DONE]\n\n")
            : ScriptedGateway.Calls(("again", "{}")));
        await using var client = new GatewayChatClient(gateway.Options with { MaxTurns = 5 });
        var runs = 0;
        var options = new ChatOptions { Tools = [GatewayTool.Function(() => ++runs, "again")] };
        var answer = streamed ? await client.GetStreamingResponseAsync("x", options).ToChatResponseAsync() : await client.GetResponseAsync("x", options);
        Assert.Equal((5, 4, GatewayFinishReason.MaxTurns), (gateway.Asked.Count, runs, answer.FinishReason));
        Assert.Equal((5, 5 * 14L), (answer.GetGatewayUsage().Turns, answer.GetGatewayUsage().TotalTokens));
        Assert.Equal(streamed ? null : 5 * 2L, answer.GetGatewayUsage().ReasoningTokens);
        // Every call has its result, so that the conversation can go on.
        var contents = answer.Messages.SelectMany(message => message.Contents).ToList();
        Assert.Equal((5, 5), (contents.OfType<FunctionCallContent>().Count(), contents.OfType<FunctionResultContent>().Count()));
        Assert.Equal("Error: not run, the limit of turns was reached.", contents.OfType<FunctionResultContent>().Last().Result);
    }

    [Fact]
    public async Task FunctionsThatAreOnlyDeclared_AreTheCallersToRun()
    {
        await using var gateway = await ScriptedGateway.StartAsync(ScriptedGateway.Calls(("theirs", "{\"a\":1}")));
        await using var client = gateway.Client();
        var answer = await client.GetResponseAsync("x", new ChatOptions { Tools = [AIFunctionFactory.CreateDeclaration("theirs", "d", JsonSerializer.Deserialize<JsonElement>("""{"type":"object"}"""))] });
        Assert.Equal(("theirs", ChatFinishReason.ToolCalls), (answer.Messages[0].Contents.OfType<FunctionCallContent>().Single().Name, answer.FinishReason));
    }

    [Fact]
    public async Task Cancellation_OfTheCall_EndsItsFunctions()
    {
        await using var gateway = await ScriptedGateway.StartAsync(ScriptedGateway.Calls(("wait", "{}")));
        await using var client = gateway.Client();
        using var cancelled = new CancellationTokenSource();
        var options = new ChatOptions { Tools = [GatewayTool.Function(async (CancellationToken token) => { await cancelled.CancelAsync(); await Task.Delay(Timeout.Infinite, token); }, "wait")] };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.ChatAsync("x", options: options, cancellationToken: cancelled.Token));
    }

    [Fact, Trait("checklist", "S3-14")]
    public void FunctionsOf_TakesTheDescribedMethodsOfAnObject() => Assert.Equal(["Add"], GatewayTool.FunctionsOf(new Calculator()).Select(function => function.Name));

    private static List<string?> Results(ScriptedGateway gateway, int request) =>
        [.. JsonSerializer.Deserialize<JsonElement>(gateway.Asked[request].Body).GetProperty("messages").EnumerateArray().Where(message => message.GetProperty("role").GetString() == "tool").Select(message => message.GetProperty("content").GetString())];

    private sealed class Calculator
    {
        private int _last;

        [Description("Adds two numbers.")]
        public int Add(int a, int b) => _last = a + b;

        public int Last() => _last;
    }
}
