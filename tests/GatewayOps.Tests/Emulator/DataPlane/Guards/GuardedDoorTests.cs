using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using GatewayOps.Emulator;
using GatewayOps.Emulator.DataPlane;
using GatewayOps.Emulator.State;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace GatewayOps.Tests.Emulator.DataPlane.Guards;

/// <summary>The guards stand before a provider, whatever door a call came by.</summary>
public sealed class GuardedDoorTests(GatewayFixture emulator) : IClassFixture<GatewayFixture>
{
    private static readonly object OpenAiBudget = new
    {
        enabled = true,
        rules = (object[])[new { limitType = "cost", limit = 1, window = 1000, provider = new { mode = "filter", values = (string[])["openai"] } }],
    };

    private const string Dollar = """cf-aig-custom-cost: {"total_cost":1}""";

    [Fact]
    public async Task Universal_StepOverItsBudget_NextStepAnswers()
    {
        await using var gateway = emulator.NewGateway(new { spend_limits = OpenAiBudget });
        var steps = JsonSerializer.Serialize(new[] { Step("openai"), Step("groq") });

        Assert.Equal("0", (await gateway.PostAsync("", steps, headers: Dollar)).Headers["cf-aig-step"]);
        Assert.Equal("1", (await gateway.PostAsync("", steps, headers: Dollar)).Headers["cf-aig-step"]);
        Assert.Equal([("openai", 200), ("openai", 429), ("groq", 200)], gateway.Logs.Select(row => (row.Provider, row.StatusCode)));
    }

    [Fact]
    public async Task Route_PrimaryOverItsBudget_FallsBack()
    {
        await using var gateway = emulator.NewGateway(new { spend_limits = OpenAiBudget });
        gateway.StoreKey("openai", "sk-1");
        gateway.StoreKey("groq", "sk-2");
        object[] elements =
        [
            new { id = "s", type = "start", outputs = new { next = new { elementId = "a" } } },
            new { id = "a", type = "model", properties = new { provider = "openai", model = "gpt-4o-mini", timeout = 60_000, retries = 1 }, outputs = new { success = new { elementId = "e" }, fallback = new { elementId = "b" } } },
            new { id = "b", type = "model", properties = new { provider = "groq", model = "llama", timeout = 60_000, retries = 1 }, outputs = new { success = new { elementId = "e" }, fallback = new { elementId = "e" } } },
            new { id = "e", type = "end", outputs = new { } },
        ];
        using var made = await gateway.Emulator.Management.PostAsJsonAsync($"ai-gateway/gateways/{gateway.State.Id}/routes", new { name = "r", elements });
        Assert.True(made.IsSuccessStatusCode, await made.Content.ReadAsStringAsync());

        Assert.Equal("openai", (await CallAsync()).Headers["cf-aig-provider"]);
        Assert.Equal("groq", (await CallAsync()).Headers["cf-aig-provider"]);

        Task<TestGateway.Answer> CallAsync() =>
            gateway.PostAsync("compat/chat/completions", TestGateway.Chat(model: "dynamic/r"), key: null, "cf-aig-authorization: Bearer dev-token", Dollar);
    }

    [Fact]
    public async Task Compat_PolicyOfAModel_IsFoundByTheModelAlone()
    {
        await using var gateway = emulator.NewGateway();
        var policies = $"ai-gateway/gateways/{gateway.State.Id}/policies?commit=true";
        await gateway.Emulator.Management.PostAnswerAsync(policies, new { name = "all", actor = "a", resource = "*", action = new { type = "no-limit" } });
        var listed = await gateway.Emulator.Management.PostAnswerAsync(
            policies, new { name = "no mini", actor = "a", resource = new { model = (string[])["openai/*-mini", "groq/x"] }, condition = "provider == 'openai'", action = new { type = "block" } });
        Assert.Equal(2, listed.Result.GetProperty("resource").GetProperty("model").GetArrayLength());

        Assert.Equal(403, (await gateway.PostAsync("compat/chat/completions", TestGateway.Chat(model: "openai/gpt-4o-mini"))).Status);
        Assert.Equal(200, (await gateway.PostAsync("compat/chat/completions", TestGateway.Chat(model: "openai/gpt-4o"))).Status);
        Assert.Equal(200, (await gateway.PostAsync("compat/chat/completions", TestGateway.Chat(model: "groq/gpt-4o-mini"))).Status);
    }

    [Fact]
    public async Task Gemini_StreamInThePath_ComesInOnePieceUnderResponseGuardrails()
    {
        await using var gateway = await emulator.NewGateway(new { guardrails = new { prompt = new { }, response = new { S9 = "BLOCK" } } }).RepairedAsync("google-ai-studio");

        var answer = await gateway.PostAsync("google-ai-studio/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse", """{"contents":[{"role":"user","parts":[{"text":"Hello"}]}]}""");

        Assert.Equal(200, answer.Status);
        Assert.StartsWith("application/json", answer.Headers["content-type"], StringComparison.Ordinal);
        var sent = await gateway.LastUpstreamRequestAsync("google-ai-studio");
        Assert.EndsWith("models/gemini-2.5-flash:generateContent", sent.GetProperty("path").GetString(), StringComparison.Ordinal);
    }

    /// <summary>A burst overshoots: every call that began before one was paid for goes through (contract 2.1).</summary>
    [Fact]
    public async Task Burst_BeforeTheFirstIsPaid_GoesThrough()
    {
        await using var provider = await GatedProvider.StartAsync(calls: 6);
        await using var gateway = await TestGateway.StartAsync(
            new { spend_limits = new { enabled = true, rules = (object[])[new { limitType = "cost", limit = 1, window = 1000 }] } },
            new EmulatorOptions { Upstreams = new Dictionary<string, Uri> { ["openai"] = provider.Url } });

        var burst = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => gateway.ChatAsync("Hello", Dollar)));

        Assert.All(burst, answer => Assert.Equal(200, answer.Status));
        Assert.Equal(429, (await gateway.ChatAsync("Hello", Dollar)).Status);
    }

    [Fact]
    public async Task RestSurface_StreamIsLookedAtAndPassed_TheRestIsRefusedWith422()
    {
        await using var app = EmulatorHost.Build(new EmulatorOptions());
        var (door, account) = (app.Services.GetRequiredService<GatewayDoor>(), app.Services.GetRequiredService<EmulatorState>().FindAccount("dev-account")!);
        var fields = GatewayFields.Automatic;
        fields["guardrails"] = JsonSerializer.SerializeToNode(new { prompt = new { S1 = "BLOCK" }, response = new { S9 = "BLOCK" } });
        var gateway = account.AddGateway("gw", GatewayFields.Settled(fields)).Gateway!;

        var streamed = await RunAsync(TestGateway.Chat("unsafe-S9", more: new { stream = true }));
        Assert.Equal((200, true), (streamed.Status, streamed.IsStream));
        await foreach (var _ in streamed.PiecesAsync(CancellationToken.None))
        {
        }
        Assert.Equal("""{"prompt":{},"response":{"S9":"BLOCK"}}""", gateway.Logs.Visible()[^1].Guardrails);
        Assert.Equal(422, (await RunAsync(TestGateway.Chat("unsafe-S9"))).Status);
        Assert.Equal(422, (await RunAsync(TestGateway.Chat("unsafe-S1"))).Status);

        async Task<CallAnswer> RunAsync(string body)
        {
            var arrival = GatewayDoor.Enter(account, gateway, "dev-token", CallSurface.Rest, new HeaderDictionary());
            return await door.RunAsync(arrival, new CallWish("openai", "chat/completions", "", "POST", RequestBody.Of(Encoding.UTF8.GetBytes(body)), [], arrival.Directives), CancellationToken.None);
        }
    }

    private static object Step(string provider) => new
    {
        provider,
        endpoint = "chat/completions",
        headers = new Dictionary<string, string> { ["Authorization"] = "Bearer sk", ["Content-Type"] = "application/json" },
        query = new { model = "gpt-4o-mini", messages = (object[])[new { role = "user", content = "Hello" }] },
    };

    /// <summary>Answers nobody before it has been called so often.</summary>
    private sealed class GatedProvider(WebApplication app, Uri url) : IAsyncDisposable
    {
        public Uri Url => url;

        public static async Task<GatedProvider> StartAsync(int calls)
        {
            var open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var called = 0;
            var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
            builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
            var app = builder.Build();
            app.Run(async context =>
            {
                if (Interlocked.Increment(ref called) == calls)
                    open.SetResult();
                await open.Task.WaitAsync(context.RequestAborted);
                context.Response.ContentType = "application/json";
                await context.Response.WriteAsync("""{"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}""", context.RequestAborted);
            });
            await app.StartAsync();
            return new GatedProvider(app, new Uri(app.Urls.First()));
        }

        public ValueTask DisposeAsync() => app.DisposeAsync();
    }
}
