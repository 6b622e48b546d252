using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Scenarios;

/// <summary>Bad input by the command line and through the service: what is wrong and where, exit code, and nothing stored or done. By the API alone it is in ContentTests and ErrorShapeTests.</summary>
public sealed class BadInputTests(BadInputFixture shared) : IClassFixture<BadInputFixture>
{
    [Theory, Trait("checklist", "S1-18")]
    [InlineData("""{"rulez":[]}""", "/rulez")]
    [InlineData("""{"rules":{}}""", "/rules")]
    [InlineData("""{"rules":[{"pattern":"/a"},{"pattern":"/a"}]}""", "/rules/1")]
    [InlineData("""{"rules":[{"pattern":"/a","cache":{"enabled":true,"ttl":5}}]}""", "/rules/0/cache/ttl")]
    [InlineData("""{"providers":[{"name":"opnai","priority":1}]}""", "/providers/0/name")]
    [InlineData("""{"settings":{"cache_ttl":60,"cache_ttl":70}}""", "/settings/cache_ttl")]
    [InlineData("""{"rules":""", "line 1, column")]
    public async Task ContentAdd_BadDocument_NamesThePlaceAndStoresNothing(string document, string place)
    {
        var run = await shared.RunAsync(document, "content", "add", "--name", "bad", "--file", "-");

        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.Contains(place, run.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Errors, StringComparison.Ordinal);
        Assert.Empty(await shared.Service.Database.QueryAsync<string>("select name from rule_sets where name = 'bad'"));
    }

    [Theory]
    [InlineData(5_000_000, "4194304 bytes")]
    [InlineData(31_000_000, "larger than 16 MiB")]
    public async Task ContentAdd_FarTooLarge_NamesTheLimit(int bytes, string limit)
    {
        var run = await shared.RunAsync(new string(' ', bytes), "content", "add", "--name", "bad", "--file", "-");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains(limit, run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Execute_UnknownGateway_SaysHowToMakeItAndActivatesNothing()
    {
        await shared.RunAsync("""{"gateways":["nowhere"],"settings":{"cache_ttl":60}}""", "content", "add", "--name", "lost", "--file", "-");

        var plan = await shared.RunAsync("", "plan", "--name", "lost");
        var execute = await shared.RunAsync("", "execute", "--name", "lost");

        Assert.Equal((1, 1), (plan.ExitCode, execute.ExitCode));
        Assert.Contains("gatewayops gateway create nowhere", plan.Output, StringComparison.Ordinal);
        Assert.Contains("gatewayops gateway create nowhere", execute.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("new hash", execute.Errors, StringComparison.Ordinal);
        Assert.Empty(await shared.Service.Database.QueryAsync<string>("select rule_set from activations"));
    }

    [Fact]
    public async Task AnyVerb_WithoutCredentials_NamesTheVariable()
    {
        var run = await CliRun.ProcessAsync(["content", "list", "--data", "/nowhere"], new Dictionary<string, string> { ["GATEWAYOPS_URL"] = shared.Service.BaseUrl.ToString() });

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("set GATEWAYOPS_OPERATOR_TOKEN", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Serve_NothingSet_IsOneLineWithTheSetting()
    {
        var run = await CliRun.ProcessAsync(["serve"], new Dictionary<string, string> { ["HTTP_PROXY"] = "http://127.0.0.1:9", ["http_proxy"] = "http://127.0.0.1:9" });

        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.StartsWith("gatewayops: ConnectionStrings:GatewayOps is not set", Assert.Single(run.Errors.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }
}

/// <summary>A service over an emulated Cloudflare, and documents given to the command line as files. The commands run in this process; what `serve` and a missing token say comes from a real one.</summary>
public sealed class BadInputFixture : IAsyncLifetime, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private TestEmulator _cloudflare = null!;

    public TestService Service { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        _cloudflare = await TestEmulator.StartAsync();
        Service = await TestService.StartAsync(emulator: _cloudflare);
    }

    public async Task DisposeAsync()
    {
        await Service.DisposeAsync();
        await _cloudflare.DisposeAsync();
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Runs a command; `-` among the arguments stands for a file with <paramref name="document"/>.</summary>
    internal async Task<CliRun> RunAsync(string document, params string[] arguments)
    {
        var file = _folder[$"{Guid.NewGuid():N}.json"];
        await File.WriteAllTextAsync(file, document);
        return await CliRun.AgainstAsync(Service.BaseUrl, [.. arguments.Select(argument => argument == "-" ? file : argument)]);
    }
}
