using GatewayOps.ControlPlane.Proxy;
using GatewayOps.ControlPlane.Upstreams;
using GatewayOps.Tests.Support;
using Microsoft.Extensions.Options;

namespace GatewayOps.Tests.Proxy;

/// <summary>Whom weights draw, and which models count as cold.</summary>
public sealed class AttemptMemoryTests
{
    private static readonly UpstreamTarget[] Targets =
    [
        Target("openai", null), Target("groq", 1), Target("mistral", 3), Target("openrouter", 6),
    ];

    [Fact]
    public void Weights_ManyRequests_AreTheSharesOfTheFirstAttempts()
    {
        const int Requests = 20_000;

        var firsts = Enumerable.Range(0, Requests).Select(request => WeightedTurns.Of(Targets, $"request-{request}")[0].Provider.Slug).CountBy(slug => slug).ToDictionary();

        // Six standard deviations of a binomial share of 0.6 are 0.021.
        Assert.All(Targets, target => Assert.Equal((target.Weight ?? 0) / 10d, firsts.GetValueOrDefault(target.Provider.Slug) / (double)Requests, tolerance: 0.021));
    }

    [Fact]
    public void Weights_OneRequest_IsDrawnOnceAndTheRestKeepsItsOrder()
    {
        for (var request = 0; request < 50; request++)
        {
            var turns = WeightedTurns.Of(Targets, $"request-{request}");

            Assert.Equal(turns, WeightedTurns.Of(Targets, $"request-{request}"));
            Assert.Equal(Targets.Where(target => target != turns[0]), turns.Skip(1));
        }
    }

    [Fact]
    public void Weights_None_IsTheOrderOfPriority()
    {
        UpstreamTarget[] targets = [Target("openai", null), Target("groq", null)];

        Assert.Same(targets, WeightedTurns.Of(targets, "any"));
    }

    [Fact, Trait("checklist", "S0-18")]
    public void Cold_IsTheFirstCallForAWhile()
    {
        var clock = new TestClock();
        var models = new ColdModels(Options.Create(new AttemptOptions { ColdAfter = TimeSpan.FromMinutes(5) }), clock);

        Assert.True(models.Touch("openai", "a"));
        Assert.True(models.Touch("groq", "a"));
        clock.Advance(TimeSpan.FromMinutes(4));
        Assert.False(models.Touch("openai", "a"));
        clock.Advance(TimeSpan.FromMinutes(4));
        Assert.False(models.Touch("openai", "a"));
        Assert.True(models.Touch("groq", "a"));
        clock.Advance(TimeSpan.FromMinutes(5));
        Assert.True(models.Touch("openai", "a"));
    }

    [Fact]
    public void Cold_ModelsOfCallers_FillABoundedMemory()
    {
        var models = new ColdModels(Options.Create(new AttemptOptions()), new TestClock());
        models.Touch("openai", "used");
        for (var i = 0; i < 999; i++)
        {
            models.Touch("openai", $"noise-{i}");
        }

        Assert.False(models.Touch("openai", "used"));
        models.Touch("openai", "one more");
        Assert.True(models.Touch("openai", "noise-0"));
        Assert.False(models.Touch("openai", "used"));
    }

    private static UpstreamTarget Target(string slug, int? weight) => new(UpstreamProviders.Find(slug)!, "m", null, weight);
}
