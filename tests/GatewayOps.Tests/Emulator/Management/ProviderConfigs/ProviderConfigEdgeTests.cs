using System.Net;
using System.Text.Json;
using GatewayOps.Emulator;
using GatewayOps.Tests.Contract;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Emulator.Management.ProviderConfigs;

/// <summary>Limits, members and races of provider configs.</summary>
public sealed class ProviderConfigEdgeTests : IAsyncLifetime
{
    private const string Configs = "ai-gateway/gateways/prod/provider_configs";
    private TestEmulator _emulator = null!;

    public async Task InitializeAsync()
    {
        _emulator = await TestEmulator.StartAsync(new EmulatorOptions { MaxSecrets = 2 });
        var store = await _emulator.Management.PostAnswerAsync("secrets_store/stores", new { name = "main" });
        await _emulator.CreateGatewayAsync("prod", new Dictionary<string, object?> { ["store_id"] = store.Result.GetProperty("id").GetString() });
    }

    public async Task DisposeAsync() => await _emulator.DisposeAsync();

    private Task<ManagementAnswer> CreateAsync(string alias, object? more = null, string slug = "openai")
    {
        var body = JsonSerializer.SerializeToNode(more ?? new { })!.AsObject();
        foreach (var (name, value) in new (string, System.Text.Json.Nodes.JsonNode)[] { ("provider_slug", slug), ("alias", alias), ("default_config", false), ("secret", "sk-1") })
            body.TryAdd(name, value);
        return _emulator.Management.PostAnswerAsync(Configs, body);
    }

    [Theory]
    [InlineData(null, null, null, null)]
    [InlineData(10, null, "10", "60")]
    [InlineData(10, 30, "10", "30")]
    [Operation("createProviderConfig", "listProviderConfigs")]
    public async Task Create_RateLimit_HasAPeriodOfSixtySecondsUnlessItSays(int? limit, int? period, string? shownLimit, string? shownPeriod)
    {
        var more = new Dictionary<string, object?>();
        if (limit is not null)
            more["rate_limit"] = limit;
        if (period is not null)
            more["rate_limit_period"] = period;

        Assert.Equal(HttpStatusCode.OK, (await CreateAsync("default", more)).Status);
        var config = Assert.Single((await _emulator.Management.GetAnswerAsync(Configs)).Result.EnumerateArray());

        Assert.Equal((shownLimit, shownPeriod), (Raw(config, "rate_limit"), Raw(config, "rate_limit_period")));
        Assert.Equal("0", Raw(config, "default_config"));
        Assert.Equal(limit, _emulator.Account.FindGateway("prod")!.FindProviderConfig("openai", "default")!.RateLimit);
    }

    [Theory]
    [InlineData("rate_limit", "0", "Number must be greater than 0")]
    [InlineData("rate_limit", "\"10\"", "Expected number, received string")]
    [InlineData("rate_limit", "null", "Expected number, received null")]
    [InlineData("rate_limit_period", "-1", "Number must be greater than 0")]
    [InlineData("provider_slug", "\"\"", "String must contain at least 1 character(s)")]
    [InlineData("provider_slug", "\"Open AI\"", "Invalid")]
    [InlineData("alias", "\"\"", "String must contain at least 1 character(s)")]
    [InlineData("alias", "7", "Expected string, received number")]
    [InlineData("default_config", "1", "Expected boolean, received number")]
    [InlineData("secret", "\"\"", "String must contain at least 1 character(s)")]
    [InlineData("secret_id", "7", "Expected string, received number")]
    [Operation("createProviderConfig")]
    public async Task Create_OneMemberWrong_Is7001WithItsPath(string member, string value, string message)
    {
        var answer = await CreateAsync("default", new Dictionary<string, object?> { [member] = JsonElement.Parse(value) });

        Assert.Equal((HttpStatusCode.BadRequest, $"7001 body.{member} {message}"), (answer.Status, Assert.Single(answer.Errors)));
        Assert.Empty(_emulator.Account.Store!.Secrets);
    }

    [Fact]
    [Operation("createProviderConfig")]
    public async Task Create_SecretBeyondTheQuota_IsRefusedAndMakesNothing()
    {
        await CreateAsync("one");
        await CreateAsync("two");

        Assert.Equal(["7001 body.secret Maximum number of secrets (2) reached"], (await CreateAsync("three")).Errors);
        Assert.Equal(2, _emulator.Account.FindGateway("prod")!.ProviderConfigs.Count);
    }

    [Fact]
    [Operation("createProviderConfig", "deleteProviderConfig")]
    public async Task Create_NameOfTheSecretTaken_IsRefusedUntilItIsFree()
    {
        var made = await CreateAsync("default");
        await _emulator.Management.CallAsync(HttpMethod.Delete, $"{Configs}/{made.Result.GetProperty("id").GetString()}");

        Assert.Equal(["7001 body.secret Secret 'prod_openai_default' already exists"], (await CreateAsync("default")).Errors);
        _emulator.Account.Store!.Remove(made.Result.GetProperty("secret_id").GetString()!);
        Assert.Equal(HttpStatusCode.OK, (await CreateAsync("default")).Status);
    }

    [Fact]
    public async Task Create_StoreOfTheGatewayIsGone_IsRefused()
    {
        var store = _emulator.Account.Store!;
        await _emulator.Management.CallAsync(HttpMethod.Delete, $"secrets_store/stores/{store.Id}");

        Assert.StartsWith("7001 body The gateway has no store_id", Assert.Single((await CreateAsync("default")).Errors));
    }

    [Theory]
    [InlineData("page=0", "page")]
    [InlineData("per_page=0", "per_page")]
    [InlineData("per_page=many", "per_page")]
    [Operation("listProviderConfigs")]
    public async Task List_BadPage_Is7001(string query, string parameter) =>
        Assert.StartsWith($"7001 query.{parameter} ", Assert.Single((await _emulator.Management.GetAnswerAsync($"{Configs}?{query}")).Errors));

    [Fact]
    [Operation("listProviderConfigs")]
    public async Task List_TwoPages_ContinueEachOther()
    {
        await CreateAsync("one");
        await CreateAsync("two", slug: "anthropic");
        async Task<string> PageAsync(int page) =>
            string.Concat((await _emulator.Management.GetAnswerAsync($"{Configs}?per_page=1&page={page}")).Result.EnumerateArray().Select(config => config.GetProperty("alias").GetString()));

        Assert.Equal(("one", "two", ""), (await PageAsync(1), await PageAsync(2), await PageAsync(3)));
    }

    private static string? Raw(JsonElement config, string name) => config.TryGetProperty(name, out var value) ? value.GetRawText() : null;
}
