using GatewayOps.Client;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Client;

/// <summary>Settings and their precedence. Nothing here sends anything: wrong options are refused before.</summary>
public sealed class OptionsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private readonly Dictionary<string, string> _environment = new()
    {
        ["CLOUDFLARE_ACCOUNT_ID"] = "acc-of-env",
        ["CLOUDFLARE_GATEWAY_TOKEN"] = "token-of-env",
    };

    private GatewaySources Sources => new() { Variable = name => _environment.GetValueOrDefault(name), Folder = _folder.Path };

    public void Dispose() => _folder.Dispose();

    [Fact, Trait("checklist", "S0-02")]
    public void AccountId_Unset_IsRefusedByTheNameOfItsVariable()
    {
        _environment.Remove("CLOUDFLARE_ACCOUNT_ID");
        var refused = Assert.Throws<GatewayConfigurationException>(() => Read());
        Assert.Equal(("AccountId", "CLOUDFLARE_ACCOUNT_ID"), (refused.Field, refused.Variable));
        Assert.Contains("CLOUDFLARE_ACCOUNT_ID", refused.Message);
    }

    [Fact, Trait("checklist", "S0-02")]
    public void AccountId_Set_IsInTheAddress() => Assert.Equal("https://gateway.ai.cloudflare.com/v1/acc-of-env/openai-compat/compat/", Read().ResolveEndpoint().AbsoluteUri);

    [Fact, Trait("checklist", "S0-03")]
    public void Token_HasThreeNames_TheGatewaysOwnFirst()
    {
        _environment["CLOUDFLARE_AUTH_TOKEN"] = "second";
        _environment["CLOUDFLARE_API_TOKEN"] = "third";
        Assert.Equal("token-of-env", Read().GatewayToken);
        _environment["CLOUDFLARE_GATEWAY_TOKEN"] = "";
        Assert.Equal("second", Read().GatewayToken);
        _environment.Remove("CLOUDFLARE_AUTH_TOKEN");
        Assert.Equal("third", Read().GatewayToken);
    }

    [Fact, Trait("checklist", "S0-04")]
    public void GatewayId_IsOpenAiCompat_UntilItIsSet()
    {
        Assert.Contains("/openai-compat/", Read().ResolveEndpoint().AbsolutePath);
        _environment["CLOUDFLARE_GATEWAY_ID"] = "mine";
        Assert.Contains("/mine/", Read().ResolveEndpoint().AbsolutePath);
    }

    [Theory, Trait("checklist", "S0-06")]
    [InlineData("cloudflare", "https://gateway.ai.cloudflare.com/v1/acc-of-env/openai-compat/compat/", "workers-ai/@cf/meta/llama-2-7b-chat-int8")]
    [InlineData("openai", "https://gateway.ai.cloudflare.com/v1/acc-of-env/openai-compat/compat/", "openai/gpt-4o-mini")]
    [InlineData("anthropic", "https://gateway.ai.cloudflare.com/v1/acc-of-env/openai-compat/compat/", "anthropic/claude-sonnet-4-5")]
    [InlineData("xai", "https://gateway.ai.cloudflare.com/v1/acc-of-env/openai-compat/compat/", "grok/grok-2")]
    public void Provider_GivesAddressAndModel(string provider, string address, string model)
    {
        _environment["LLM_PROVIDER"] = provider;
        using var client = new GatewayChatClient(Read());
        Assert.Equal((address, model), (client.Metadata.ProviderUri!.AbsoluteUri, client.Metadata.DefaultModelId));
    }

    [Fact, Trait("checklist", "S0-06")]
    public void Provider_OfThisMachine_NeedsNoAccountAndGetsNoToken()
    {
        _environment.Remove("CLOUDFLARE_ACCOUNT_ID");
        _environment["LLM_PROVIDER"] = "lmstudio";
        _environment["CLOUDFLARE_MODEL"] = "qwen";
        var options = Read();
        Assert.Equal(("http://127.0.0.1:1234/v1/", ""), (options.ResolveEndpoint().AbsoluteUri, options.GatewayToken));
        _environment["LMSTUDIO_BASE_URL"] = "http://box:1234/v1";
        Assert.Equal("http://box:1234/v1/", Read().ResolveEndpoint().AbsoluteUri);
    }

    [Fact, Trait("checklist", "S0-06")]
    public void Provider_Unknown_IsRefusedWithThoseThatThereAre()
    {
        _environment["LLM_PROVIDER"] = "opnai";
        var refused = Assert.Throws<GatewayConfigurationException>(() => Read());
        Assert.All(["LLM_PROVIDER", "cloudflare", "openai", "lmstudio", "perplexity", "Did you mean \"openai\"?"], part => Assert.Contains(part, refused.Message));
    }

    [Fact, Trait("checklist", "S0-09"), Trait("checklist", "S3-07")]
    public void Argument_BeatsEnvironment()
    {
        _environment["LLM_PROVIDER"] = "cloudflare";
        var byEnvironment = Read();
        Assert.Equal("token-of-env", byEnvironment.GatewayToken);
        using (var client = GatewayChatClient.FromEnvironment(sources: Sources))
        using (var named = GatewayChatClient.Create("cloudflare", Sources))
            Assert.Equal((byEnvironment.ResolveEndpoint(), client.Metadata.ProviderUri, client.Metadata.DefaultModelId), (client.Metadata.ProviderUri, named.Metadata.ProviderUri, named.Metadata.DefaultModelId));

        _environment["LLM_PROVIDER"] = "openai";
        var options = Read(new() { Provider = "cloudflare", AccountId = "a", GatewayId = "g", GatewayToken = "t", Model = "m", BaseUrl = new("http://127.0.0.1:8788") });
        Assert.Equal(("cloudflare", "a", "g", "t", "m", "http://127.0.0.1:8788/"), (options.Provider, options.AccountId, options.GatewayId, options.GatewayToken, options.Model, options.BaseUrl.AbsoluteUri));
    }

    [Fact, Trait("checklist", "S0-12")]
    public void DotEnv_IsRead_AndTheEnvironmentWins()
    {
        File.WriteAllText(Path.Combine(_folder.Path, ".env"), "# secrets\nexport CLOUDFLARE_ACCOUNT_ID=acc-of-file\nCLOUDFLARE_GATEWAY_ID=\"gw-of-file\"\nCLOUDFLARE_MODEL=m # why\n");
        var options = Read();
        Assert.Equal(("acc-of-env", "gw-of-file", "m"), (options.AccountId, options.GatewayId, options.Model));
        _environment.Remove("CLOUDFLARE_ACCOUNT_ID");
        Assert.Equal("acc-of-file", Read().AccountId);
        // A token of the environment by its last name comes before one of the file by its first.
        File.AppendAllText(Path.Combine(_folder.Path, ".env"), "CLOUDFLARE_GATEWAY_TOKEN=token-of-file\n");
        _environment.Remove("CLOUDFLARE_GATEWAY_TOKEN");
        Assert.Equal("token-of-file", Read().GatewayToken);
        _environment["CLOUDFLARE_API_TOKEN"] = "last-name";
        Assert.Equal("last-name", Read().GatewayToken);
    }

    [Fact, Trait("checklist", "S0-12")]
    public void DotEnv_Wrong_IsToldByItsLine_WithoutTheLine()
    {
        File.WriteAllText(Path.Combine(_folder.Path, ".env"), "A=1\ncanary-secret\n");
        var refused = Assert.Throws<GatewayConfigurationException>(() => Read());
        Assert.Contains("line 2", refused.Message);
        Assert.DoesNotContain("canary", refused.ToString());
        Assert.Contains("nowhere.env", Assert.Throws<GatewayConfigurationException>(() => Read(sources: Sources with { EnvFile = "nowhere.env" })).Message);
    }

    [Fact, Trait("checklist", "S0-14")]
    public void Model_ChangesByItsVariable()
    {
        _environment["CLOUDFLARE_MODEL"] = "@cf/tinyllama/tinyllama-1.1b-chat-v1.0";
        using var client = new GatewayChatClient(Read());
        Assert.Equal("workers-ai/@cf/tinyllama/tinyllama-1.1b-chat-v1.0", client.Metadata.DefaultModelId);
    }

    [Fact, Trait("checklist", "S4-01")]
    public void KeyFiles_AreReadWhole_WithoutTheirLastLineBreak()
    {
        _environment.Clear();
        var keys = Directory.CreateDirectory(Path.Combine(_folder.Path, "keys", "cloudflare-key")).FullName;
        File.WriteAllText(Path.Combine(keys, "key.env"), "token-of-file\n");
        File.WriteAllText(Path.Combine(keys, "account_id.env"), "acc-of-file\r\n");
        var options = Read();
        Assert.Equal(("acc-of-file", "token-of-file"), (options.AccountId, options.GatewayToken));

        _environment["CLOUDFLARE_ACCOUNT_ID"] = "acc-of-env";
        Assert.Equal("acc-of-env", Read().AccountId);
        File.WriteAllText(Path.Combine(keys, "key.env"), " \n");
        Assert.Contains(Path.Combine("keys", "cloudflare-key", "key.env") + " is empty", Assert.Throws<GatewayConfigurationException>(() => Read()).Message);
        File.Delete(Path.Combine(keys, "key.env"));
        Assert.Contains(Path.Combine("keys", "cloudflare-key", "key.env"), Assert.Throws<GatewayConfigurationException>(() => Read()).Message);
    }

    [Fact, Trait("checklist", "S3-24")]
    public void Token_Missing_IsRefusedByFieldAndVariable_AndTheRestBesideIt()
    {
        var refused = Assert.Throws<GatewayConfigurationException>(() => new GatewayChatClient(new GatewayClientOptions { AccountId = "acc", MaxTurns = 0 }));
        Assert.StartsWith("Configuration error: ", refused.Message);
        Assert.All(["GatewayToken", "CLOUDFLARE_GATEWAY_TOKEN", "MaxTurns"], part => Assert.Contains(part, refused.Message));
        Assert.Equal(("GatewayToken", "CLOUDFLARE_GATEWAY_TOKEN"), (refused.Field, refused.Variable));
    }

    public static TheoryData<string, GatewayClientOptions> Wrong
    {
        get
        {
            var good = new GatewayClientOptions { AccountId = "acc", GatewayToken = "token" };
            return new()
            {
                { "AccountId", good with { AccountId = "a/b" } },
                { "GatewayId", good with { GatewayId = "" } },
                { "GatewayId", good with { GatewayId = "../x" } },
                { "GatewayToken", good with { GatewayToken = "a\r\nx: y" } },
                { "Model", good with { Model = "" } },
                { "Model", good with { Provider = "openai", Model = "@cf/meta/llama-3-8b-instruct" } },
                { "Model", good with { Provider = "cerebras" } },
                { "BaseUrl", good with { BaseUrl = new("ftp://x") } },
                { "BaseUrl", good with { BaseUrl = new("https://user:pass@x") } },
                { "Endpoint", good with { Endpoint = new("/relative", UriKind.Relative) } },
                { "Temperature", good with { Temperature = float.NaN } },
                { "MaxOutputTokens", good with { MaxOutputTokens = 0 } },
                { "Timeout", good with { Timeout = TimeSpan.Zero } },
                { "MaxRetries", good with { MaxRetries = -1 } },
                { "RetryDelay", good with { RetryDelay = TimeSpan.FromSeconds(-1) } },
                { "RetryJitter", good with { RetryJitter = double.NaN } },
                { "MaxAnswerBytes", good with { MaxAnswerBytes = 1023 } },
                { "MaxAnswerBytes", good with { MaxAnswerBytes = (1 << 30) + 1 } },
                { "MaxParallelFunctions", good with { MaxParallelFunctions = 0 } },
                { "MaxBackgroundTasks", good with { MaxBackgroundTasks = 0 } },
            };
        }
    }

    [Theory, Trait("checklist", "S3-24")]
    [MemberData(nameof(Wrong))]
    public void WrongOption_IsRefusedByItsName(string field, GatewayClientOptions options)
    {
        var refused = Assert.Throws<GatewayConfigurationException>(() => new GatewayChatClient(options));
        Assert.Equal(field, refused.Field);
        Assert.Contains(field, refused.Message);
    }

    [Theory, Trait("checklist", "S3-01"), Trait("checklist", "S3-26")]
    [InlineData("sk-ant-api03-canary")]
    [InlineData("sk-proj-canary")]
    [InlineData("AIzaCanary")]
    [InlineData("gsk_canary")]
    public void KeyOfAProvider_IsRefused_AndNotShown(string key)
    {
        var refused = Assert.Throws<GatewayConfigurationException>(() => new GatewayChatClient(new GatewayClientOptions { AccountId = "acc", GatewayToken = key }));
        Assert.Contains("key of a provider", refused.Message);
        Assert.DoesNotContain(key, refused.ToString());
    }

    [Fact]
    public void Token_IsInNoText()
    {
        var options = new GatewayClientOptions { AccountId = "acc", GatewayToken = "canary-token" };
        Assert.DoesNotContain("canary", options.ToString());
        Assert.DoesNotContain("canary", new GatewayArguments { GatewayToken = "canary-token" }.ToString());
    }

    private GatewayClientOptions Read(GatewayArguments? arguments = null, GatewaySources? sources = null) => GatewayClientOptions.FromEnvironment(arguments, sources ?? Sources);
}
