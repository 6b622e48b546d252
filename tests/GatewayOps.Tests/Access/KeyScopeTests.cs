using GatewayOps.ControlPlane.Access;

namespace GatewayOps.Tests.Access;

public sealed class KeyScopeTests
{
    [Theory]
    [InlineData("gpt-4o-mini", "openai", "gpt-4o-mini", true)]
    [InlineData("gpt-4o-mini", "openrouter", "gpt-4o-mini", true)]
    [InlineData("gpt-4o-mini", "openai", "gpt-4o", false)]
    [InlineData("gpt-4o-mini", "openai", "gpt-4o-mini-2024-07-18", false)]
    [InlineData("gpt-4o*", "openai", "gpt-4o-mini", true)]
    [InlineData("gpt-*", "openai", "GPT-4o", false)]
    [InlineData("gpt-*", "openai", "chatgpt-4o-latest", false)]
    // What an aggregator calls a model is not what its maker calls it.
    [InlineData("gpt-*", "openrouter", "openai/gpt-4o", false)]
    [InlineData("openai/*", "openai", "gpt-4o", true)]
    [InlineData("openai/*", "openrouter", "openai/gpt-4o", false)]
    [InlineData("openrouter/openai/*", "openrouter", "openai/gpt-4o", true)]
    [InlineData("*/gpt-4o", "openai", "gpt-4o", true)]
    [InlineData("@cf/meta/*", "workers-ai", "@cf/meta/llama-3.1-8b-instruct", true)]
    [InlineData("@cf/*", "openai", "gpt-4o", false)]
    [InlineData("workers-ai/*", "workers-ai", "@cf/meta/llama-3.1-8b-instruct", true)]
    [InlineData("*", "groq", "anything/at-all", true)]
    [InlineData("", "openai", "gpt-4o", false)]
    public void Model_IsHeldAgainstPattern(string pattern, string provider, string model, bool allowed) =>
        Assert.Equal(allowed, new KeyScope([pattern], null).AllowsModel(provider, model));

    [Fact]
    public void Nothing_IsEverything_AndSeveralPatternsAreAnyOfThem()
    {
        Assert.True(KeyScope.Everything.AllowsModel("openai", "gpt-4o"));
        Assert.True(KeyScope.Everything.AllowsGateway("prod"));
        var scope = new KeyScope(["claude-*", "openai/gpt-4o"], ["prod", "team-a-*"]);
        Assert.Equal((true, true, false), (scope.AllowsModel("anthropic", "claude-sonnet-4"), scope.AllowsModel("openai", "gpt-4o"), scope.AllowsModel("openai", "gpt-4")));
        Assert.Equal((true, true, false, false), (scope.AllowsGateway("prod"), scope.AllowsGateway("team-a-eu"), scope.AllowsGateway("team-b"), scope.AllowsGateway("Prod")));
    }

    [Theory]
    [InlineData("day", "2026-02-28T23:59:59Z", "2026-02-28T00:00:00Z", "2026-03-01T00:00:00Z")]
    [InlineData("month", "2026-02-28T23:59:59Z", "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z")]
    [InlineData("month", "2026-12-31T23:00:00-02:00", "2027-01-01T00:00:00Z", "2027-02-01T00:00:00Z")]
    [InlineData("3600", "2026-11-21T12:59:59.9Z", "2026-11-21T12:00:00Z", "2026-11-21T13:00:00Z")]
    [InlineData("60", "1970-01-01T00:01:00Z", "1970-01-01T00:01:00Z", "1970-01-01T00:02:00Z")]
    public void Window_BeginsAndEndsInUtc(string text, string now, string start, string end)
    {
        var window = KeyWindow.Parse(text)!.Value;
        Assert.Equal(DateTimeOffset.Parse(start, System.Globalization.CultureInfo.InvariantCulture), window.StartOf(DateTimeOffset.Parse(now, System.Globalization.CultureInfo.InvariantCulture)));
        Assert.Equal(DateTimeOffset.Parse(end, System.Globalization.CultureInfo.InvariantCulture), window.EndOf(window.StartOf(DateTimeOffset.Parse(now, System.Globalization.CultureInfo.InvariantCulture))));
        Assert.Equal(text, window.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("Day")]
    [InlineData("59")]
    [InlineData("31622401")]
    [InlineData("-60")]
    [InlineData(" 60")]
    [InlineData("1e3")]
    public void Window_OfAnythingElse_IsNone(string text) => Assert.Null(KeyWindow.Parse(text));
}
