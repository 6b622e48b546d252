using System.Globalization;
using System.Net;
using System.Text.Json;
using GatewayOps.Emulator;
using GatewayOps.Tests.Contract;
using GatewayOps.Tests.Support;
using static GatewayOps.Tests.Emulator.ManagementCalls;

namespace GatewayOps.Tests.Emulator.Management;

/// <summary>Sixty-four clients at once: nobody sees half of an update, every id is one of a kind, and limits hold.</summary>
public sealed class RaceTests : IAsyncLifetime
{
    private const int Clients = 64;
    private const string Gateways = "ai-gateway/gateways";
    private TestEmulator _emulator = null!;

    public async Task InitializeAsync() => _emulator = await TestEmulator.StartAsync(new EmulatorOptions { RequestsPerFiveMinutes = 1_000_000 });

    public async Task DisposeAsync() => await _emulator.DisposeAsync();

    private static Task<T[]> AtOnceAsync<T>(Func<int, Task<T>> act) => Task.WhenAll(Enumerable.Range(1, Clients).Select(client => Task.Run(() => act(client))));

    // Four members that only ever change together.
    private static Dictionary<string, object?> Correlated(string? id, int number) => GatewayBody(
        id, ("cache_ttl", number), ("rate_limiting_limit", number), ("store_id", $"store-{number}"), ("otel", new[] { new { url = $"https://otel.example/{number}", headers = new { } } }));

    private static int NumberOf(JsonElement gateway)
    {
        var number = gateway.GetProperty("cache_ttl").GetInt32();
        Assert.Equal(number, gateway.GetProperty("rate_limiting_limit").GetInt32());
        Assert.Equal($"store-{number}", gateway.GetProperty("store_id").GetString());
        Assert.Equal($"https://otel.example/{number}", gateway.GetProperty("otel")[0].GetProperty("url").GetString());
        return number;
    }

    [Fact]
    [Operation("updateGateway", "getGateway", "listGateways")]
    public async Task Update_FromAllAtOnce_IsNeverTorn()
    {
        await _emulator.Management.PostAnswerAsync(Gateways, Correlated("prod", 1));
        await AtOnceAsync(async client =>
        {
            foreach (var round in Enumerable.Range(0, 4))
            {
                var own = client + Clients * round;
                var answer = await _emulator.Management.CallAsync(HttpMethod.Put, $"{Gateways}/prod", Correlated(null, own));
                // The answer of an update is that update's, whoever came after it.
                Assert.Equal(own, NumberOf(answer.Result));
                NumberOf((await _emulator.Management.GetAnswerAsync($"{Gateways}/prod")).Result);
                NumberOf(Assert.Single((await _emulator.Management.GetAnswerAsync(Gateways)).Result.EnumerateArray()));
                var settings = _emulator.Account.FindGateway("prod")!.Settings;
                Assert.Equal($"store-{settings.CacheTtl.ToString(CultureInfo.InvariantCulture)}", settings.StoreId);
            }
            return client;
        });
    }

    [Fact]
    [Operation("createGateway", "deleteGateway")]
    public async Task CreateAndDelete_FromAllAtOnce_KeepIdsUniqueAndTheLimit()
    {
        var outcomes = await AtOnceAsync(async client =>
        {
            var (created, deleted) = (new List<string>(), new List<string>());
            foreach (var round in Enumerable.Range(0, 3))
            {
                var id = $"gw-{(client + round * 7) % 30}";
                var answer = await _emulator.Management.PostAnswerAsync(Gateways, Correlated(id, client));
                if (answer.Status == HttpStatusCode.OK)
                    created.Add(answer.Result.GetProperty("internal_id").GetString()!);
                else
                    Assert.Matches("^7001 body(\\.id Gateway 'gw-[0-9]+' already exists| Maximum number of gateways \\(20\\) reached)$", Assert.Single(answer.Errors));
                var list = await _emulator.Management.GetAnswerAsync($"{Gateways}?per_page=100");
                string[] ids = [.. list.Result.EnumerateArray().Select(gateway => gateway.GetProperty("id").GetString()!)];
                Assert.True(ids.Length <= 20 && ids.Distinct().Count() == ids.Length);
                Assert.All(list.Result.EnumerateArray(), gateway => NumberOf(gateway));
                if (round == client % 3 && await _emulator.Management.CallAsync(HttpMethod.Delete, $"{Gateways}/{id}") is { Status: HttpStatusCode.OK } gone)
                    deleted.Add(gone.Result.GetProperty("internal_id").GetString()!);
            }
            return (created, deleted);
        });

        string[] made = [.. outcomes.SelectMany(outcome => outcome.created)];
        string[] gone = [.. outcomes.SelectMany(outcome => outcome.deleted)];
        Assert.Equal(made.Length, made.Distinct().Count());
        Assert.Equal(gone.Length, gone.Distinct().Count());
        Assert.Equal(made.Except(gone).Order(), _emulator.Account.Gateways.Select(gateway => gateway.InternalId).Order());
    }

    [Fact]
    [Operation("createStore", "createSecrets", "getSecretsQuota")]
    public async Task Secrets_FromAllAtOnce_KeepOneStoreTheNamesAndTheQuota()
    {
        var stores = await AtOnceAsync(client => _emulator.Management.PostAnswerAsync("secrets_store/stores", new { name = $"store-{client}" }));
        var store = Assert.Single(stores, answer => answer.Status == HttpStatusCode.OK).Result.GetProperty("id").GetString();

        // Two of three names are asked for by two clients each; a batch is taken whole or not at all.
        var answers = await AtOnceAsync(client => _emulator.Management.PostAnswerAsync(
            $"secrets_store/stores/{store}/secrets", new[] { $"own-{client}", $"pair-{client / 2}", $"half-{client % 32}" }.Select(name => new { name, value = "v", scopes = new[] { "dex" } })));
        var kept = _emulator.Account.Store!.Secrets;

        Assert.Equal(3 * answers.Count(answer => answer.Status == HttpStatusCode.OK), kept.Count);
        Assert.InRange(kept.Count, 3, 100);
        Assert.Equal(kept.Count, kept.Select(secret => secret.Name).Distinct().Count());
        Assert.Equal(kept.Count, kept.Select(secret => secret.Id).Distinct().Count());
        Assert.Equal(kept.Count, (await _emulator.Management.GetAnswerAsync("secrets_store/quota")).Result.GetProperty("secrets").GetProperty("usage").GetInt32());
    }

    [Fact]
    [Operation("createProviderConfig")]
    public async Task ProviderConfigs_FromAllAtOnce_AreOneForEachAliasAndLeaveNoSecretBehind()
    {
        var store = (await _emulator.Management.PostAnswerAsync("secrets_store/stores", new { name = "main" })).Result.GetProperty("id").GetString();
        await _emulator.CreateGatewayAsync("prod", new Dictionary<string, object?> { ["store_id"] = store });

        var answers = await AtOnceAsync(client => _emulator.Management.PostAnswerAsync(
            $"{Gateways}/prod/provider_configs", new { provider_slug = "openai", alias = $"alias-{client % 8}", default_config = false, secret = $"sk-{client}" }));
        var configs = _emulator.Account.FindGateway("prod")!.ProviderConfigs;

        Assert.Equal(8, answers.Count(answer => answer.Status == HttpStatusCode.OK));
        Assert.All(answers.Where(answer => answer.Status != HttpStatusCode.OK), answer => Assert.EndsWith("already exists", Assert.Single(answer.Errors)));
        Assert.Equal(Enumerable.Range(0, 8).Select(number => $"alias-{number}"), configs.Select(config => config.Alias).Order());
        Assert.Equal(configs.Select(config => config.SecretId).Order(), _emulator.Account.Store!.Secrets.Select(secret => secret.Id).Order());
    }

    [Fact]
    [Operation("patchLog")]
    public async Task Logs_ChangedAndDeletedAtOnce_KeepFeedbackAndScoreTogether()
    {
        await _emulator.CreateGatewayAsync("prod");
        var gateway = _emulator.Account.FindGateway("prod")!;
        var rows = Enumerable.Range(1, 20).Select(second => SampleLog.Row(gateway.Logs, second)).ToArray();
        Assert.Equal(20, gateway.ImportLogs(rows));

        await AtOnceAsync(async client =>
        {
            var row = rows[client % 20];
            var (feedback, score) = client % 2 == 0 ? (1, 90) : (-1, 10);
            var changed = await _emulator.Management.CallAsync(HttpMethod.Patch, $"{Gateways}/prod/logs/{row.Id}", new { feedback, score });
            Assert.True(changed.Status is HttpStatusCode.OK or HttpStatusCode.NotFound);
            var list = await _emulator.Management.GetAnswerAsync($"{Gateways}/prod/logs?per_page=50");
            Assert.All(list.Result.EnumerateArray(), one => Assert.Contains($"{one.GetProperty("feedback")} {one.GetProperty("score")}", new[] { " ", "1 90", "-1 10" }));
            if (client > 60)
                await _emulator.Management.CallAsync(HttpMethod.Delete, $"{Gateways}/prod/logs?limit=1&order_by_direction=asc");
            return client;
        });

        // Each deletion took the oldest row that it saw: two may have seen the same.
        var left = gateway.Logs.Read().Select(row => row.Id).ToList();
        Assert.InRange(left.Count, 16, 19);
        Assert.Equal(rows[^left.Count..].Select(row => row.Id), left);
    }
}
