using GatewayOps.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace GatewayOps.Tests.Proxy;

/// <summary>Any number of replicas over one database, in front of one upstream whose answers each use the tokens that a test says.</summary>
internal sealed class KeyStage : IAsyncDisposable
{
    private readonly StubGateway _gateway;
    private readonly List<TestService> _replicas = [];

    private KeyStage(StubGateway gateway, TestDatabase database) => (_gateway, Database) = (gateway, database);

    public TestDatabase Database { get; }

    public TestService First => _replicas[0];

    public IReadOnlyList<TestService> Replicas => _replicas;

    /// <summary>Requests that reached the upstream.</summary>
    public int Asked { get; private set; }

    /// <summary>Of each answer.</summary>
    public (long Input, long Output) Tokens { get; set; } = (1000, 1000);

    /// <summary>What each request waits for at the upstream.</summary>
    public Task Open { get; set; } = Task.CompletedTask;

    public static async Task<KeyStage> StartAsync(int replicas = 1, TimeProvider? time = null, IReadOnlyDictionary<string, string>? settings = null)
    {
        KeyStage? stage = null;
        var gateway = await StubGateway.StartAsync(context => stage!.AnswerAsync(context));
        stage = new KeyStage(gateway, await TestDatabase.CreateAsync());
        for (var i = 0; i < replicas; i++)
        {
            await stage.AddAsync(time, settings);
        }

        return stage;
    }

    public async Task<TestService> AddAsync(TimeProvider? time = null, IReadOnlyDictionary<string, string>? settings = null)
    {
        var all = new Dictionary<string, string>(_gateway.Settings);
        foreach (var (name, value) in settings ?? new Dictionary<string, string>())
        {
            all[name] = value;
        }

        _replicas.Add(await TestService.StartAsync(Database, settings: all, time: time));
        return _replicas[^1];
    }

    /// <summary>A graceful stop of a replica.</summary>
    public async Task StopAsync(TestService replica)
    {
        _replicas.Remove(replica);
        await replica.App.StopAsync();
        await replica.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var replica in _replicas)
        {
            await replica.DisposeAsync();
        }

        await _gateway.DisposeAsync();
        await Database.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        lock (_replicas)
        {
            Asked++;
        }

        await Open;
        context.Response.ContentType = "application/json";
        context.Response.Headers["x-ratelimit-limit-requests"] = "99999";
        await context.Response.WriteAsync(
            $$"""{"choices":[{"message":{"content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":{{Tokens.Input}},"completion_tokens":{{Tokens.Output}} } }""");
    }
}
