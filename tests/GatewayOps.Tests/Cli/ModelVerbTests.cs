using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Cli;

/// <summary>`models` and `tokenize` against a running proxy. Source: checklist S0-13, S2-05, S2-06.</summary>
public sealed class ModelVerbTests(ServiceFixture shared) : IClassFixture<ServiceFixture>
{
    [Fact, Trait("checklist", "S0-13"), Trait("checklist", "S2-06")]
    public async Task Models_SayTheirProviderPriceAndUse()
    {
        var run = await RunAsync("", "models", "-o", "yaml");
        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        var names = (await RunAsync("", "models", "-o", "name")).Output.Split('\n');
        Assert.All(
            ["@cf/meta/llama-2-7b-chat-int8", "@cf/meta/llama-2-13b-chat-int8", "@cf/mistral/mistral-7b-instruct-v0.1", "@cf/meta/codellama-7b-instruct", "@cf/tinyllama/tinyllama-1.1b-chat-v1.0", "gpt-4o-mini"],
            model => Assert.Contains(model, names));

        var table = (await RunAsync("", "models")).Output;
        Assert.Matches("gpt-4o-mini +openai +true +128000 +0.15 / 0.6", table);
        Assert.DoesNotContain(TestService.ProxyToken, table, StringComparison.Ordinal);
        await RefusedAsync("models");
    }

    [Theory, Trait("checklist", "S2-05")]
    [InlineData("", "3 gpt-4o o200k_base", "tokenize", "--model", "gpt-4o", "Hello there!")]
    [InlineData("", "3 gpt-4o o200k_base", "tokenize", "--model", "gpt-4o", "Hello", "there!")]
    [InlineData("Hello there!", "3 gpt-4 cl100k_base", "tokenize", "--model", "gpt-4", "-")]
    [InlineData("", "3 unknown estimate:o200k_base", "tokenize", "Hello there!")]
    public async Task Text_IsCounted(string input, string counted, params string[] line)
    {
        var run = await RunAsync(input, line);

        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        Assert.Equal(counted, string.Join(' ', run.Output.TrimEnd().Split('\n')[^1].Split(' ', StringSplitOptions.RemoveEmptyEntries)));
        Assert.Equal("3\n", (await RunAsync(input, [.. line, "-o", "name"])).Output);
    }

    [Fact, Trait("checklist", "S2-05")]
    public async Task NoText_IsRefused_InTheProxysWords()
    {
        var empty = await RunAsync("", "tokenize", "-");
        Assert.Equal((1, ""), (empty.ExitCode, empty.Output));
        Assert.StartsWith("error: Input text is required\nnext:  ", empty.Errors, StringComparison.Ordinal);
        var typed = await CliRun.InAsync(Variables, ["tokenize", "-"], terminal: CliRun.Piped("") with { IsTyped = true });
        Assert.Contains("stdin, which is a terminal", typed.Errors, StringComparison.Ordinal);
        await RefusedAsync("tokenize", "Hello");
    }

    private Dictionary<string, string> Variables => new() { ["GATEWAYOPS_URL"] = shared.Service.BaseUrl.ToString(), ["AUTH_TOKEN"] = TestService.ProxyToken };

    private Task<CliRun> RunAsync(string input, params string[] line) => CliRun.InAsync(Variables, line, terminal: CliRun.Piped(input));

    // Without the token of the proxy's callers.
    private async Task RefusedAsync(params string[] line)
    {
        var stranger = await CliRun.InAsync(new Dictionary<string, string> { ["GATEWAYOPS_URL"] = shared.Service.BaseUrl.ToString() }, line);
        Assert.Equal((1, ""), (stranger.ExitCode, stranger.Output));
        Assert.Contains("next:  set AUTH_TOKEN", stranger.Errors, StringComparison.Ordinal);
    }
}
