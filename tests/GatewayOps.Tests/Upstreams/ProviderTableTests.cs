using GatewayOps.ControlPlane.Upstreams;
using Microsoft.Extensions.Options;

namespace GatewayOps.Tests.Upstreams;

/// <summary>Rows of settings make providers and change those that are there.</summary>
public sealed class ProviderTableTests
{
    [Fact]
    public void Row_WithAnotherName_MakesAProvider()
    {
        var made = Of(("acme", new() { BaseUrl = "https://llm.example/v1" })).Find("custom-acme")!;

        Assert.Equal((true, new Uri("https://llm.example/v1"), null), (made.IsDirect, made.BaseUrl, made.Lacks));
        Assert.True(made.Has(Operations.Chat) && made.Has(Operations.Messages));
    }

    [Fact]
    public void Row_OfAProvider_ChangesItAndNoOther()
    {
        var table = Of(("openai", new() { Mode = "direct", ApiKey = "k", Operations = "chat, embeddings", StreamUsage = false }));

        var openai = table.Find("openai")!;
        Assert.Equal((true, new Uri("https://api.openai.com/v1"), false, null), (openai.IsDirect, openai.BaseUrl, openai.AskForStreamUsage, openai.Lacks));
        Assert.Equal((true, false), (openai.Has(Operations.Embeddings), openai.Has(Operations.Responses)));
        Assert.All(table.All.Where(provider => provider.Slug != "openai"), provider => Assert.Equal(UpstreamProviders.Find(provider.Slug), provider));
    }

    [Fact]
    public void Rows_OfOneProviderByItsNames_AreOneRow()
    {
        var grok = Of(("grok", new() { ApiKey = "k" }), ("XAI", new() { Mode = "direct" })).Find("grok")!;

        Assert.Equal((true, null), (grok.IsDirect, grok.Lacks));
    }

    [Fact]
    public void KeyAlone_LeavesAProviderToTheGateway() => Assert.False(Of(("openai", new() { ApiKey = "k" })).Find("openai")!.IsDirect);

    [Theory]
    [InlineData("openai", "OPENAI_API_KEY")]
    [InlineData("gemini", "GEMINI_API_KEY")]
    public void Direct_WithoutItsKey_SaysWhatIsMissing(string name, string variable)
    {
        var provider = Of((name, new() { Mode = "direct" })).Find(ProviderTable.SlugOf(name))!;

        Assert.Contains(variable, provider.Lacks, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ollama", "http://127.0.0.1:11434/v1")]
    [InlineData("lmstudio", "http://127.0.0.1:1234/v1")]
    public void ProviderOfOnesOwnMachine_IsAskedWhereTheSettingsNameIt(string name, string url)
    {
        Assert.NotNull(ProviderTable.BuiltIn.Find(name)!.Lacks);

        var provider = Of((name, new() { Mode = "direct" })).Find(name)!;
        Assert.Equal((null, true, new Uri(url)), (provider.Lacks, provider.AllowPrivate, provider.BaseUrl));
    }

    [Fact]
    public void Options_InText_ShowNoKey()
    {
        var row = new ProviderOptions { BaseUrl = "https://llm.example/v1", ApiKey = "sk-canary" };

        Assert.DoesNotContain("canary", $"{row}{Of(("acme", row)).Find("custom-acme")}", StringComparison.Ordinal);
    }

    public static TheoryData<string, ProviderOptions, string> Faults => new()
    {
        { "acme", new(), "GatewayOps:Providers:acme:BaseUrl is not set" },
        { "acme", new() { BaseUrl = "llm.example" }, "GatewayOps:Providers:acme:BaseUrl must be" },
        { "acme", new() { BaseUrl = "https://user:sk-canary@llm.example" }, "GatewayOps:Providers:acme:BaseUrl must be" },
        { "acme", new() { BaseUrl = "https://llm.example/v1?key=sk-canary" }, "GatewayOps:Providers:acme:BaseUrl must be" },
        { "acme", new() { BaseUrl = "http://llm.example/v1" }, "GatewayOps:Providers:acme:BaseUrl is plain http" },
        { "acme", new() { BaseUrl = "https://10.0.0.7/v1" }, "GatewayOps:Providers:acme:BaseUrl leads to an address" },
        { "acme", new() { BaseUrl = "https://[64:ff9b::7f00:1]/v1", AllowPrivate = true }, "GatewayOps:Providers:acme:BaseUrl leads to an address" },
        { "ollama", new() { BaseUrl = "http://169.254.169.254/v1" }, "GatewayOps:Providers:ollama:BaseUrl leads to an address" },
        { "acme", new() { Mode = "gateway" }, "GatewayOps:Providers:acme:Mode is gateway" },
        { "openai", new() { Mode = "gateway", BaseUrl = "https://llm.example" }, "GatewayOps:Providers:openai:BaseUrl counts in direct mode" },
        { "openai", new() { Mode = "both" }, "GatewayOps:Providers:openai:Mode must be" },
        { "workers-ai", new() { Mode = "direct" }, "GatewayOps:Providers:workers-ai:BaseUrl is not set" },
        { "openai", new() { ApiKey = "sk-canary\n" }, "GatewayOps:Providers:openai:ApiKey has a blank" },
        { "openai", new() { KeyHeader = "host" }, "GatewayOps:Providers:openai:KeyHeader must be" },
        { "openai", new() { Operations = "chat speech" }, "GatewayOps:Providers:openai:Operations has `speech`" },
        { "a_b", new() { BaseUrl = "https://llm.example/v1" }, "GatewayOps:Providers:a_b: the name" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void Validation_NamesTheSettingAndNoSecret(string name, ProviderOptions row, string fault)
    {
        var options = new ProvidersOptions { Rows = { [name] = row } };

        var failure = Assert.Single(new ProvidersOptionsValidator().Validate(null, options).Failures!);

        Assert.StartsWith(fault, failure, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", failure, StringComparison.Ordinal);
    }

    internal static ProviderTable Of(params (string Name, ProviderOptions Row)[] rows)
    {
        var options = new ProvidersOptions();
        foreach (var (name, row) in rows)
        {
            options.Rows[name] = row;
        }

        var validated = new ProvidersOptionsValidator().Validate(null, options);
        Assert.True(validated.Succeeded, validated.FailureMessage);
        return new ProviderTable(Options.Create(options));
    }
}
