using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Emulator;
using GatewayOps.Emulator.State;
using GatewayOps.Tests.Emulator.DataPlane;
using GatewayOps.Tests.Emulator.Management.Tokens;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Emulator.Snapshots;

/// <summary>The state to and from a document.</summary>
public sealed class SnapshotTests(EmulatorFixture fixture) : IClassFixture<EmulatorFixture>
{
    private const string Empty = """{"format":"gatewayops-emulator-state","version":1}""";
    private const string Fields = """{"cache_invalidate_on_update":false,"cache_ttl":0,"collect_logs":true,"rate_limiting_interval":0,"rate_limiting_limit":0}""";

    [Fact]
    public async Task Load_WhatWasSaved_IsTheSameStateByTheApi()
    {
        await using var emulator = await TestEmulator.StartAsync(new EmulatorOptions { StateSecrets = true, StateLogRows = 100, RequestsPerFiveMinutes = 1_000_000 });
        for (var seed = 1; seed <= 8; seed++)
        {
            await emulator.Admin.PostAsync("reset", content: null);
            await RandomAccount.FillAsync(emulator, seed);
            var before = await RandomAccount.ReadAsync(emulator);
            var saved = await SaveAsync(emulator);
            await emulator.Admin.PostAsync("reset", content: null);

            Assert.Equal("", await LoadAsync(emulator, saved));

            var after = await RandomAccount.ReadAsync(emulator);
            Assert.Equal(before.Keys, after.Keys);
            Assert.All(before, path => Assert.Equal(path.Value, after[path.Key]));
            Assert.Equal(saved, await SaveAsync(emulator));
        }
    }

    [Fact]
    public async Task Save_WithoutSecrets_HoldsNoCredentialAndLoads()
    {
        var emulator = fixture.Emulator;
        for (var seed = 1; seed <= 4; seed++)
        {
            await emulator.Admin.PostAsync("reset", content: null);
            await RandomAccount.FillAsync(emulator, seed);

            var saved = await SaveAsync(emulator);

            Assert.All(["sk-secret", "otel-secret", "header-secret", "cfat_", "cfut_", "dev-token"], secret => Assert.DoesNotContain(secret, saved));
            Assert.Equal("", await LoadAsync(emulator, saved));
            Assert.Equal(saved, await SaveAsync(emulator));
        }
    }

    [Fact]
    public async Task Load_TokensAndStoredKeys_WorkOnTheDataPlane()
    {
        await using var first = await TestGateway.StartAsync(new { authentication = true });
        first.StoreKey("openai", "sk-real");
        var value = (await TestTokens.CreateAsync(first.Emulator, new { name = "run", policies = new[] { TestTokens.Policy("allow", TestTokens.Account, Permission.AiGatewayRun) } }))
            .Result.GetProperty("value").GetString()!;
        var saved = await SaveAsync(first.Emulator);

        await using var second = await TestGateway.StartAsync();
        Assert.Equal("", await LoadAsync(second.Emulator, saved));
        var answer = await second.PostAsync("openai/chat/completions", TestGateway.Chat(), key: null, $"cf-aig-authorization: Bearer {value}");

        Assert.Equal(200, answer.Status);
        Assert.Equal("Bearer not-in-the-snapshot-gw_openai_default", (await second.LastUpstreamRequestAsync()).GetProperty("headers").GetProperty("authorization").GetString());
        Assert.Equal(401, (await second.PostAsync("openai/chat/completions", TestGateway.Chat(), key: null)).Status);
    }

    [Fact]
    public async Task Load_ByHand_FillsInWhatIsMissing()
    {
        var emulator = fixture.Emulator;

        Assert.Equal("", await LoadAsync(emulator, Empty[..^1] + $$$""","gateways":[{"id":"prod","body":{{{Fields}}},"datasets":[{"body":{"name":"all","enable":true,"filters":[]}}]}]}"""));

        var gateway = await emulator.Management.GetAnswerAsync("ai-gateway/gateways/prod");
        Assert.Equal("postpaid", gateway.Result.GetProperty("workers_ai_billing_mode").GetString());
        Assert.Equal("all", (await emulator.Management.GetAnswerAsync("ai-gateway/gateways/prod/datasets")).Result[0].GetProperty("name").GetString());
    }

    [Theory]
    [InlineData("{", "", "no JSON: line 1")]
    [InlineData("[]", "", "Expected object, received array")]
    [InlineData("""{"format":"other","version":1}""", "/format", "Invalid enum value. Expected 'gatewayops-emulator-state', received 'other'")]
    [InlineData("""{"format":"gatewayops-emulator-state","version":2}""", "/version", "made by a newer emulator: this one reads versions up to 1")]
    [InlineData("""{"format":"gatewayops-emulator-state","version":1,"version":1}""", "", "no JSON")]
    [InlineData("""+"extra":1}""", "/extra", "Unknown member: expected one of format, version, account")]
    [InlineData("""+"clockAheadSeconds":-1}""", "/clockAheadSeconds", "Number must be greater than or equal to 0")]
    [InlineData("""+"gateways":[{"id":"prod","body":{"cache_ttl":-1}}]}""", "/gateways/0/body/cache_invalidate_on_update", "Required")]
    [InlineData("""+"gateways":[{"id":"Prod","body":FIELDS}]}""", "/gateways/0/id", "Invalid")]
    [InlineData("""+"gateways":[{"id":"prod","body":FIELDS},{"id":"prod","body":FIELDS}]}""", "/gateways/1/id", "gateway 'prod' is there twice")]
    [InlineData("""+"gateways":[{"id":"prod","createdAt":"now","body":FIELDS}]}""", "/gateways/0/createdAt", "Expected a time")]
    [InlineData("""+"gateways":[{"id":"prod","body":FIELDS,"routes":[{"name":"r","versions":[{"elements":[]}]}]}]}""", "/gateways/0/routes/0/versions/0/elements", "Array must contain at least 1")]
    [InlineData("""+"gateways":[{"id":"prod","body":FIELDS,"providerConfigs":[{"body":{"provider_slug":"openai","alias":"a","default_config":true}}]}]}""", "/gateways/0/providerConfigs/0/body/secret_id", "Required: a snapshot has its secrets in secretsStore")]
    [InlineData("""+"gateways":[{"id":"prod","body":FIELDS,"policies":[{"body":{"name":"p","actor":"x","resource":"*","condition":"1 +","action":{"type":"block"}}}]}]}""", "/gateways/0/policies/0/body/condition", "Invalid condition")]
    [InlineData("""+"secretsStore":{"name":"s","secrets":[{"value":"sk","body":{"name":"n","scopes":["ai_gateway"]}}]}}""", "/secretsStore/secrets/0/value", "start with --state-secrets")]
    [InlineData("""+"secretsStore":{"name":"s","secrets":[{"body":{"name":"n","scopes":["nothing"]}}]}}""", "/secretsStore/secrets/0/body/scopes/0", "Invalid enum value")]
    [InlineData("""+"gateways":[{"id":"prod","body":FIELDS,"logs":[{"id":"7","provider":"p","model":"m","path":"x","statusCode":200}]}]}""", "/gateways/0/logs/0/id", "Expected a ULID")]
    [InlineData("""+"gateways":[{"id":"prod","body":FIELDS,"logs":[{"id":"01ARZ3NDEKTSV4RRFFQ69G5FAV","provider":"p","model":"m","path":"x","statusCode":200,"cost":"much"}]}]}""", "/gateways/0/logs/0", "no log row")]
    [InlineData("""+"tokens":[{"owner":"account","valueHash":"HASH","body":{"name":"t","policies":[{"effect":"allow","permission_groups":[{"id":"x"}],"resources":{"com.cloudflare.api.account.dev-account":"*"}}]}}]}""", "/tokens/0/body/policies/0/permission_groups/0/id", "Permission group 'x' was not found")]
    public async Task Load_BadDocument_SaysWhereAndChangesNothing(string document, string pointer, string problem)
    {
        var before = await SaveAsync(fixture.Emulator);
        var text = (document.StartsWith('+') ? Empty[..^1] + "," + document[1..] : document)
            .Replace("FIELDS", Fields, StringComparison.Ordinal).Replace("HASH", new string('0', 64), StringComparison.Ordinal);

        var refused = JsonSerializer.Deserialize<JsonElement>(await LoadAsync(fixture.Emulator, text, HttpStatusCode.BadRequest));

        Assert.Equal(pointer, refused.GetProperty("pointer").GetString());
        Assert.Contains(problem, refused.GetProperty("error").GetString());
        Assert.Equal(before, await SaveAsync(fixture.Emulator));
    }

    [Fact]
    public async Task Save_LogRows_AreTheNewestWithTheirBodies()
    {
        await using var emulator = await TestEmulator.StartAsync(new EmulatorOptions { StateLogRows = 2 });
        await emulator.CreateGatewayAsync("logged");
        var logs = emulator.Account.FindGateway("logged")!;
        for (var second = 0; second < 4; second++)
            logs.AddLog(SampleLog.Row(logs.Logs, second));
        var newest = logs.Logs.Visible().Skip(2).ToArray();

        Assert.Equal("", await LoadAsync(emulator, await SaveAsync(emulator)));

        var restored = emulator.Account.FindGateway("logged")!.Logs.Visible();
        Assert.Equal(newest.Select(row => row.Id), restored.Select(row => row.Id));
        Assert.Equal("not json", Encoding.UTF8.GetString(restored[1].ResponseBody!));
        Assert.Equal((30, 0.0003m), (restored[1].Duration, restored[1].Cost));
    }

    // Whoever adds an area decides here whether a snapshot has it: then it needs a part, and the random account something of it.
    [Fact]
    public void State_EveryArea_IsInTheSnapshotOrKnownNotToBe()
    {
        string[] saved = ["AccountState.Billing", "AccountState.CustomProviders", "AccountState.Gateways", "AccountState.Id", "AccountState.Store", "GatewayState.CreatedAt", "GatewayState.Evaluations", "GatewayState.Fields", "GatewayState.Id", "GatewayState.InternalId", "GatewayState.Logs", "GatewayState.ModifiedAt", "GatewayState.Policies", "GatewayState.ProviderConfigs", "GatewayState.Routes"];
        string[] derived = ["AccountState.Logged", "AccountState.Logs", "AccountState.WorkersAi", "GatewayState.AccountId", "GatewayState.CacheGeneration", "GatewayState.Current", "GatewayState.HasProviderConfigs", "GatewayState.Logged", "GatewayState.Settings"];
        var areas = new[] { typeof(AccountState), typeof(GatewayState) }.SelectMany(type => type.GetProperties().Select(property => $"{type.Name}.{property.Name}"));

        Assert.Equal(saved.Concat(derived).Order(StringComparer.Ordinal), areas.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Clock_Advanced_IsRestoredAndNeverGoesBack()
    {
        await using var first = await TestEmulator.StartAsync();
        await using var second = await TestEmulator.StartAsync();
        await first.AdvanceClockAsync(TimeSpan.FromDays(2));
        await second.AdvanceClockAsync(TimeSpan.FromDays(5));
        var saved = await SaveAsync(first);

        await LoadAsync(second, saved);
        Assert.Equal(432000, JsonNode.Parse(await SaveAsync(second))!["clockAheadSeconds"]!.GetValue<double>());
        await using var third = await TestEmulator.StartAsync();
        await LoadAsync(third, saved);
        Assert.Equal(172800, JsonNode.Parse(await SaveAsync(third))!["clockAheadSeconds"]!.GetValue<double>());
    }

    [Fact]
    public async Task StateFile_StartStopStart_KeepsTheStateAndResetGoesBackToIt()
    {
        using var folder = new TemporaryFolder();
        var options = new EmulatorOptions { StateFile = Path.Combine(folder.Path, "state.json") };
        await using (var first = await TestEmulator.StartAsync(options))
        {
            await first.CreateGatewayAsync("kept");
            var saved = await first.Admin.PostAsync("snapshot", content: null);
            Assert.Equal(options.StateFile, (await saved.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("saved").GetString());
        }
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(options.StateFile));
        Assert.Equal([options.StateFile], Directory.GetFiles(folder.Path));

        await using var second = await TestEmulator.StartAsync(options);
        await second.CreateGatewayAsync("later");
        await second.Admin.PostAsync("reset", content: null);

        Assert.Equal(["kept"], second.Account.Gateways.Select(gateway => gateway.Id));
    }

    [Fact]
    public async Task Post_WithoutStateFile_SaysWhatIsMissing()
    {
        using var answer = await fixture.Emulator.Admin.PostAsync("snapshot", content: null);

        Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
        Assert.Contains("--state FILE", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Run_State_IsSavedAtACleanStop()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "state.json");
        using var stop = new CancellationTokenSource();
        var output = new StoppingWriter(stop);

        Assert.Equal(0, await EmulatorHost.RunAsync(["--port=0", "--seed-gateway", "--state", file], output, TextWriter.Null, stop.Token));

        Assert.Equal("openai-compat", JsonNode.Parse(await File.ReadAllBytesAsync(file))!["gateways"]![0]!["id"]!.GetValue<string>());
        Assert.Contains($"State saved to {file}.", output.ToString());
    }

    [Theory]
    [InlineData("{\"format\":1", "no JSON: line 1")]
    [InlineData("""{"format":"gatewayops-emulator-state","version":1,"gateways":[{"id":7}]}""", "/gateways/0/id: Expected string, received number")]
    [InlineData(null, "there is no folder")]
    public async Task Run_BadState_ExitsOneAndSaysWhere(string? content, string told)
    {
        using var folder = new TemporaryFolder();
        var file = content is null ? Path.Combine(folder.Path, "nowhere", "state.json") : Path.Combine(folder.Path, "state.json");
        if (content is not null)
            await File.WriteAllTextAsync(file, content, Encoding.UTF8);
        using var error = new StringWriter();

        var exit = await EmulatorHost.RunAsync(["--port=0", "--state", file], TextWriter.Null, error, CancellationToken.None);

        Assert.Equal(1, exit);
        Assert.Contains(told, error.ToString());
        Assert.Contains(file, error.ToString());
        Assert.Single(error.ToString().TrimEnd().Split('\n'));
        if (content is not null)
            Assert.Equal(content, await File.ReadAllTextAsync(file));
    }

    private static Task<string> SaveAsync(TestEmulator emulator) => emulator.Admin.GetStringAsync("snapshot");

    private static async Task<string> LoadAsync(TestEmulator emulator, string document, HttpStatusCode expected = HttpStatusCode.NoContent)
    {
        using var answer = await emulator.Admin.PutAsync("snapshot", new StringContent(document));
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == expected, text);
        return text;
    }
}
