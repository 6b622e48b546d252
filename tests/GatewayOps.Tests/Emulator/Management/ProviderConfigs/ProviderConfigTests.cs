using System.Net;
using System.Text.Json;
using GatewayOps.Emulator;
using GatewayOps.Emulator.State;
using GatewayOps.Tests.Contract;
using GatewayOps.Tests.Support;
using static GatewayOps.Tests.Emulator.ManagementCalls;

namespace GatewayOps.Tests.Emulator.Management.ProviderConfigs;

public sealed class ProviderConfigTests : IAsyncLifetime
{
    private const string Configs = "ai-gateway/gateways/prod/provider_configs";
    private TestEmulator _emulator = null!;
    private SecretStoreState _store = null!;

    public async Task InitializeAsync()
    {
        _emulator = await TestEmulator.StartAsync(new EmulatorOptions { SecretActivationDelay = TimeSpan.FromSeconds(3) });
        await _emulator.Management.PostAnswerAsync("secrets_store/stores", new { name = "main" });
        _store = _emulator.Account.Store!;
        await _emulator.CreateGatewayAsync("prod", new Dictionary<string, object?> { ["store_id"] = _store.Id });
    }

    public async Task DisposeAsync() => await _emulator.DisposeAsync();

    private async Task<string> SecretAsync(string name, string scope = "ai_gateway", bool active = true)
    {
        var answer = await _emulator.Management.PostAnswerAsync($"secrets_store/stores/{_store.Id}/secrets", new[] { new { name, value = "sk-1", scopes = new[] { scope } } });
        if (active)
            await _emulator.AdvanceClockAsync(TimeSpan.FromSeconds(3));
        return answer.Result[0].GetProperty("id").GetString()!;
    }

    private Task<ManagementAnswer> CreateAsync(string secretId, string alias = "default", string gateway = "prod") => _emulator.Management.PostAnswerAsync(
        $"ai-gateway/gateways/{gateway}/provider_configs", new { provider_slug = "openai", alias, default_config = true, secret_id = secretId });

    [Fact, Operation("createProviderConfig")]
    public async Task Create_EverythingInPlace_LinksTheSecret()
    {
        var secret = await SecretAsync("prod_openai_default");

        var answer = await CreateAsync(secret);

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal("1", answer.Result.GetProperty("default_config").GetRawText());
        Assert.Equal(secret, answer.Result.GetProperty("secret_id").GetString());
        Assert.DoesNotContain("sk-1", answer.Body.GetRawText());
        var gateway = _emulator.Account.FindGateway("prod")!;
        Assert.Equal("sk-1", _emulator.Account.FindStoredKey(gateway, gateway.FindProviderConfig("openai", "default")!)!.Value);
    }

    [Fact, Operation("createProviderConfig")]
    public async Task Create_PendingSecret_WasNotFoundUntilItIsActive()
    {
        var secret = await SecretAsync("prod_openai_default", active: false);

        var early = await CreateAsync(secret);
        await _emulator.AdvanceClockAsync(TimeSpan.FromSeconds(3));
        var late = await CreateAsync(secret);

        Assert.Equal(HttpStatusCode.BadRequest, early.Status);
        Assert.EndsWith("was not found", Assert.Single(early.Errors));
        Assert.StartsWith("7001 ", early.Errors[0]);
        Assert.Equal(HttpStatusCode.OK, late.Status);
    }

    [Theory]
    [InlineData("prod_openai_other", "ai_gateway")]
    [InlineData("prod_openai_default", "workers")]
    public async Task Create_SecretOfAnotherNameOrScope_WasNotFound(string name, string scope)
    {
        var answer = await CreateAsync(await SecretAsync(name, scope));

        Assert.EndsWith("was not found", Assert.Single(answer.Errors));
    }

    [Fact]
    public async Task Create_GatewayWithoutStore_IsRefused()
    {
        await _emulator.CreateGatewayAsync("bare");

        var answer = await CreateAsync(await SecretAsync("bare_openai_default"), gateway: "bare");

        Assert.Contains("store_id", Assert.Single(answer.Errors));
    }

    [Fact, Operation("createProviderConfig")]
    public async Task Create_SameProviderAndAlias_AlreadyExists()
    {
        var secret = await SecretAsync("prod_openai_default");
        await CreateAsync(secret);

        var again = await CreateAsync(secret);

        Assert.Equal(HttpStatusCode.BadRequest, again.Status);
        Assert.EndsWith("already exists", Assert.Single(again.Errors));
    }

    [Fact]
    public async Task Create_WithTheSecretItself_StoresItUnderItsName()
    {
        var answer = await _emulator.Management.PostAnswerAsync(Configs, new { provider_slug = "groq", alias = "default", default_config = false, secret = "gsk-1" });

        Assert.Equal("0", answer.Result.GetProperty("default_config").GetRawText());
        Assert.Equal("gsk-1", _store.FindByName("prod_groq_default")!.Value);
        Assert.DoesNotContain("gsk-1", answer.Body.GetRawText());
    }

    public static TheoryData<object, string[]> BadBodies { get; } = new()
    {
        { new { }, ["7001 body.provider_slug Required", "7001 body.alias Required", "7001 body.default_config Required", "7001 body.secret_id Required"] },
        { new { provider_slug = "Open AI", alias = "", default_config = 1, secret_id = "x" }, ["7001 body.provider_slug Invalid", "7001 body.alias String must contain at least 1 character(s)", "7001 body.default_config Expected boolean, received number"] },
        { Array.Empty<int>(), ["7001 body Input Validation Error"] },
    };

    [Theory]
    [MemberData(nameof(BadBodies), DisableDiscoveryEnumeration = true)]
    public async Task Create_BadBody_NamesEveryField(object body, string[] errors) =>
        Assert.Equal(errors, (await _emulator.Management.PostAnswerAsync(Configs, body)).Errors);

    [Fact, Operation("listProviderConfigs")]
    public async Task List_UnknownGateway_IsEmptyAndCreateIs7002()
    {
        var list = await _emulator.Management.GetAnswerAsync("ai-gateway/gateways/nowhere/provider_configs");

        Assert.Equal(HttpStatusCode.OK, list.Status);
        Assert.Empty(list.Result.EnumerateArray());
        Assert.Equal(["7002 Not Found"], (await CreateAsync("x", gateway: "nowhere")).Errors);
    }

    [Fact, Operation("deleteProviderConfig", "listProviderConfigs")]
    public async Task Delete_Config_IsGoneAndTheSecretStays()
    {
        var config = (await CreateAsync(await SecretAsync("prod_openai_default"))).Result.GetProperty("id").GetString();

        var deleted = await _emulator.Management.CallAsync(HttpMethod.Delete, $"{Configs}/{config}");
        var again = await _emulator.Management.CallAsync(HttpMethod.Delete, $"{Configs}/{config}");

        Assert.Equal(HttpStatusCode.OK, deleted.Status);
        Assert.Equal(["7002 Not Found"], again.Errors);
        Assert.Empty((await _emulator.Management.GetAnswerAsync(Configs)).Result.EnumerateArray());
        Assert.NotNull(_store.FindByName("prod_openai_default"));
    }
}
