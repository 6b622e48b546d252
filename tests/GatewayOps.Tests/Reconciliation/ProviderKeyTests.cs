using System.Net;
using System.Text.Json.Nodes;
using GatewayOps.Emulator;

namespace GatewayOps.Tests.Reconciliation;

public sealed class ProviderKeyTests
{
    private const string Value = "sk-live-0123456789-never-shown";
    private const string Key = $$"""{"gateway":"prod","provider":"openai","value":"{{Value}}"}""";

    [Fact, Trait("checklist", "S2-24"), Trait("checklist", "S3-01"), Trait("checklist", "S3-08")]
    public async Task Put_NewKey_StoresLinksAndNeverShowsTheValue()
    {
        await using var world = await ReconciliationWorld.StartAsync();

        var answer = await world.PostAsync("provider-keys", Key, HttpStatusCode.Created);
        var list = await world.GetAsync("provider-keys");
        var runs = await world.GetAsync("runs");

        Assert.Equal("active", answer["status"]!.GetValue<string>());
        Assert.Equal(["prod_openai_default"], await world.SecretNamesAsync());
        var config = Assert.Single(await world.ProviderConfigsAsync());
        Assert.Equal(("openai", "default"), (config["provider_slug"]!.GetValue<string>(), config["alias"]!.GetValue<string>()));
        Assert.NotNull((await world.LiveAsync())["store_id"]?.GetValue<string>());
        Assert.Matches("^[0-9a-f]{12}$", list["keys"]![0]!["fingerprint"]!.GetValue<string>());
        Assert.DoesNotContain(Value, answer.ToJsonString() + list.ToJsonString() + runs.ToJsonString() + world.Service.Log);
        Assert.DoesNotContain(await world.Database.QueryAsync<string>("select row_to_json(t)::text from operations t union all select row_to_json(t)::text from audit t union all select row_to_json(t)::text from provider_keys t"), row => row.Contains(Value));
    }

    [Fact]
    public async Task Put_AgainWithAnotherValue_Rotates()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        var first = await world.PostAsync("provider-keys", Key);
        var config = Assert.Single(await world.ProviderConfigsAsync())["id"]!.GetValue<string>();

        var second = await world.PostAsync("provider-keys", Key.Replace("0123", "9876"));

        Assert.NotEqual(first["fingerprint"]!.GetValue<string>(), second["fingerprint"]!.GetValue<string>());
        Assert.NotNull(second["rotatedAt"]);
        Assert.Single(await world.SecretNamesAsync());
        // The same configuration throughout: no request was ever without a key.
        Assert.Equal(config, Assert.Single(await world.ProviderConfigsAsync())["id"]!.GetValue<string>());
    }

    [Fact]
    public async Task Rotate_DeclaredKey_ReplacesTheValueInItsPlace()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        var put = await world.PostAsync("provider-keys", Key);
        var before = (await world.ProviderConfigsAsync()).Single().ToJsonString();
        var writes = (await world.WritesAsync()).Count;

        var rotated = await world.PostAsync("provider-keys/prod/openai/default/rotate", $$"""{"value":"{{Value}}-2"}""", HttpStatusCode.OK);
        var list = await world.GetAsync("provider-keys");

        Assert.Equal(put["fingerprint"]!.GetValue<string>(), rotated["previousFingerprint"]!.GetValue<string>());
        Assert.NotEqual(rotated["previousFingerprint"]!.GetValue<string>(), rotated["fingerprint"]!.GetValue<string>());
        Assert.Equal(rotated["fingerprint"]!.GetValue<string>(), list["keys"]![0]!["fingerprint"]!.GetValue<string>());
        Assert.Equal(before, (await world.ProviderConfigsAsync()).Single().ToJsonString());
        Assert.StartsWith("PATCH", Assert.Single((await world.WritesAsync()).Skip(writes)));
        Assert.Equal([$"{rotated["previousFingerprint"]} {rotated["fingerprint"]}"], await world.Database.QueryAsync<string>("select before_hash || ' ' || after_hash from audit where action = 'keys.rotate'"));
        Assert.Equal(["done"], await world.Database.QueryAsync<string>("select status from operations where kind = 'secret' and op = 'update'"));
        Assert.DoesNotContain(Value, rotated.ToJsonString() + list.ToJsonString() + world.Service.Log);
    }

    [Theory]
    [InlineData("prod/openai/other", "sk-x", HttpStatusCode.NotFound)]
    [InlineData("prod/nobody/default", "sk-x", HttpStatusCode.NotFound)]
    [InlineData("PROD/openai/default", "sk-x", HttpStatusCode.NotFound)]
    [InlineData("prod/openai/default", "", HttpStatusCode.UnprocessableEntity)]
    public async Task Rotate_WhatCannotBe_ChangesNothing(string key, string value, HttpStatusCode expected)
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.PostAsync("provider-keys", Key);
        var writes = await world.WritesAsync();

        await world.PostAsync($"provider-keys/{key}/rotate", $$"""{"value":"{{value}}"}""", expected);

        Assert.Equal(writes, await world.WritesAsync());
    }

    [Fact]
    public async Task Put_SecretThatStaysPending_IsLinkedByALaterPass()
    {
        await using var world = await ReconciliationWorld.StartAsync(new EmulatorOptions { SecretActivationDelay = TimeSpan.FromHours(1) });

        var answer = await world.PostAsync("provider-keys", Key, HttpStatusCode.Created);
        var before = await world.ProviderConfigsAsync();
        await world.Cloudflare.AdvanceClockAsync(TimeSpan.FromHours(2));
        await world.PostAsync("reconcile", "{}");

        Assert.Equal("pending", answer["status"]!.GetValue<string>());
        Assert.Empty(before);
        Assert.Single(await world.ProviderConfigsAsync());
    }

    [Fact]
    public async Task Remove_DeclaredKey_TakesLinkAndSecretAway()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.PostAsync("provider-keys", Key);

        using (var removed = await world.Api.DeleteAsync(new Uri("/api/v1/provider-keys/prod/openai/default", UriKind.Relative)))
        {
            Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        }

        using var again = await world.Api.DeleteAsync(new Uri("/api/v1/provider-keys/prod/openai/default", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NotFound, again.StatusCode);
        Assert.Empty(await world.SecretNamesAsync());
        Assert.Empty(await world.ProviderConfigsAsync());
        Assert.Equal(["secret_store"], await world.Database.QueryAsync<string>("select kind from inventory"));
    }

    [Fact]
    public async Task Put_SecretOfSomebodyElse_IsNotTouched()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.PostAsync("provider-keys", Key);
        await world.Database.ExecuteAsync("delete from inventory where kind = 'secret'");

        var problem = await world.PostAsync("provider-keys", Key, HttpStatusCode.Conflict);

        Assert.EndsWith("secret_owned_elsewhere", problem["type"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("""{"gateway":"prod","provider":"opneai","value":"x"}""", "/provider")]
    [InlineData("""{"gateway":"prod","provider":"openai","alias":"a_b","value":"x"}""", "/alias")]
    [InlineData("""{"gateway":"prod","provider":"openai","value":""}""", "/value")]
    [InlineData("""{"gateway":"prod","provider":"openai","value":"sk\r\nX-Other: 1"}""", "/value")]
    [InlineData("""{"gateway":"prod","provider":"openai","value":"sk\u0000"}""", "/value")]
    [InlineData("""{"gateway":"../x","provider":"openai","value":"x"}""", "/gateway")]
    public async Task Put_BadKey_IsRefusedWithItsPointer(string body, string pointer)
    {
        await using var world = await ReconciliationWorld.StartAsync();

        var problem = await world.PostAsync("provider-keys", body, HttpStatusCode.UnprocessableEntity);

        Assert.Equal(pointer, problem["errors"]![0]!["pointer"]!.GetValue<string>());
    }

    [Fact]
    public async Task Put_UnknownGateway_IsRefusedWithTheFix()
    {
        await using var world = await ReconciliationWorld.StartAsync(withGateway: false);

        var problem = await world.PostAsync("provider-keys", Key, HttpStatusCode.Conflict);

        Assert.Contains("gatewayops gateway create prod", problem["detail"]!.GetValue<string>());
        Assert.Empty(await world.WritesAsync());
    }

    [Theory]
    [InlineData("*/provider_configs")]
    [InlineData("*/secrets_store/stores")]
    [InlineData("*/secrets_store/stores/*/secrets")]
    public async Task Put_AnswerLost_MakesNoDuplicate(string path)
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.Cloudflare.SetManagementFaultAsync(new { path, method = "POST", dropResponse = true, times = 1 });

        var answer = await world.PostAsync("provider-keys", Key, HttpStatusCode.Created);

        Assert.Equal("succeeded", answer["run"]!["outcome"]!.GetValue<string>());
        Assert.Single(await world.ProviderConfigsAsync());
        Assert.Single(await world.SecretNamesAsync());
        Assert.Equal(3, await ExecuteTests.CountAsync(world, "inventory"));
        Assert.Equal(3, (await world.WritesAsync()).Count(write => write.StartsWith("POST", StringComparison.Ordinal)));
        Assert.Equal(1, (await world.Database.QueryAsync<long>("select count(*) from operations where status = 'resolved'"))[0]);
    }
}
