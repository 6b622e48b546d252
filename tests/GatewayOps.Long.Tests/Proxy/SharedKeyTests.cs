using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using GatewayOps.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace GatewayOps.Long.Tests.Proxy;

/// <summary>One virtual key at three processes over one database, some of which are killed: used together ≤ limit + replicas × slice, and what was spent is not forgotten.</summary>
public sealed class SharedKeyTests(ITestOutputHelper output)
{
    private const int Replicas = 3;

    [Fact]
    public async Task Rate_OneOfThreeIsKilled_TheBoundHolds()
    {
        const int limit = 300, slice = limit / 10;
        await using var stage = await Stage.StartAsync();
        var token = await stage.IssueAsync(new { requestsPerMinute = limit });
        await AtTheBeginningOfAMinuteAsync();

        var load = stage.LoadAsync(token, TimeSpan.FromSeconds(40), burst: 5);
        await Task.Delay(TimeSpan.FromSeconds(1));
        await stage.Services[0].KillAsync();
        var passed = await load;

        output.WriteLine($"{passed} passed of {limit}; the bound is {limit + (Replicas * slice)}");
        // What the killed one had claimed and not used comes back after 30 s, within this minute.
        Assert.InRange(passed, limit, limit + (Replicas * slice));
    }

    [Fact]
    public async Task Budget_AllAreKilledAndOneComesBack_WhatWasSpentCounts()
    {
        // Of gpt-4o-mini, 3 tokens in and 10 out: what each request may use, and uses.
        const decimal cost = ((3 * 0.15m) + (10 * 0.60m)) / 1_000_000m;
        const int limit = 300, slice = limit / 10;
        await using var stage = await Stage.StartAsync();
        var token = await stage.IssueAsync(new { budgetUsd = limit * cost, budgetWindow = "day" });

        var passed = 0;
        while (passed < 150)
        {
            passed += await stage.BurstAsync(token, 5);
        }

        // So that everything is reported.
        await Task.Delay(TimeSpan.FromSeconds(3));
        foreach (var service in stage.Services)
        {
            await service.KillAsync();
        }

        stage.Services.Clear();
        await stage.AddAsync();
        var before = passed;
        passed += await stage.LoadAsync(token, TimeSpan.FromSeconds(40), burst: 5);

        output.WriteLine($"{before} passed before the kill and {passed - before} after it, of {limit}; the bound is {limit + (Replicas * slice)}");
        Assert.InRange(passed, limit, limit + (Replicas * slice));
        Assert.Equal(0, await stage.BurstAsync(token, 5));
    }

    private static async Task AtTheBeginningOfAMinuteAsync()
    {
        var now = TimeProvider.System.GetUtcNow();
        if (now.Second > 10)
        {
            await Task.Delay(TimeSpan.FromSeconds(60.2 - now.Second));
        }
    }

    private sealed class Stage : IAsyncDisposable
    {
        private readonly WebApplication _provider;
        private readonly TestDatabase _database;
        private readonly TestEmulator _emulator;
        private readonly HttpClient _client = new();

        private Stage(WebApplication provider, TestDatabase database, TestEmulator emulator) => (_provider, _database, _emulator) = (provider, database, emulator);

        public List<ChildService> Services { get; } = [];

        public static async Task<Stage> StartAsync()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            var provider = builder.Build();
            provider.Run(context =>
            {
                context.Response.ContentType = "application/json";
                return context.Response.WriteAsync("""{"choices":[{"message":{"content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":10}}""");
            });
            await provider.StartAsync();
            var stage = new Stage(provider, await TestDatabase.CreateAsync(), await TestEmulator.StartAsync());
            for (var i = 0; i < Replicas; i++)
            {
                await stage.AddAsync();
            }

            return stage;
        }

        public async Task AddAsync() => Services.Add(await ChildService.StartAsync(
            _database, _emulator, "", new Dictionary<string, string> { ["GatewayOps:Cloudflare:GatewayBaseUrl"] = _provider.Urls.First() }));

        /// <summary>A key that every replica knows.</summary>
        public async Task<string> IssueAsync(object key)
        {
            using var made = await Services[0].Operator.PostAsJsonAsync("/api/v1/tokens", new { name = "shared", key });
            Assert.Equal(HttpStatusCode.Created, made.StatusCode);
            var token = (await made.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("token").GetString()!;
            await Task.Delay(TimeSpan.FromSeconds(5));
            return token;
        }

        /// <summary>Bursts at every replica until the time is over; how many requests passed.</summary>
        public async Task<int> LoadAsync(string token, TimeSpan time, int burst)
        {
            var (passed, started) = (0, TimeProvider.System.GetTimestamp());
            while (TimeProvider.System.GetElapsedTime(started) < time)
            {
                passed += await BurstAsync(token, burst);
                await Task.Delay(20);
            }

            return passed;
        }

        public async Task<int> BurstAsync(string token, int requests) =>
            (await Task.WhenAll(Services.SelectMany(service => Enumerable.Range(0, requests).Select(_ => PassesAsync(service, token))))).Count(passes => passes);

        public async ValueTask DisposeAsync()
        {
            foreach (var service in Services)
            {
                await service.DisposeAsync();
            }

            _client.Dispose();
            await _provider.DisposeAsync();
            await _emulator.DisposeAsync();
            await _database.DisposeAsync();
        }

        private async Task<bool> PassesAsync(ChildService service, string token)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(service.Operator.BaseAddress!, "/v1/chat/completions"))
            {
                Content = JsonContent.Create(new { model = "gpt-4o-mini", max_tokens = 10, messages = new[] { new { role = "user", content = "Hello there" } } }),
                Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) },
            };
            try
            {
                using var answer = await _client.SendAsync(request);
                Assert.True((int)answer.StatusCode is 200 or 429 or 402, await answer.Content.ReadAsStringAsync());
                return answer.StatusCode == HttpStatusCode.OK;
            }
            catch (HttpRequestException)
            {
                // Of the one that was killed.
                return false;
            }
        }
    }
}
