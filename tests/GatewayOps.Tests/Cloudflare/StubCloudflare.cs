using System.Diagnostics.Metrics;
using GatewayOps.Cloudflare;
using GatewayOps.Tests.Contract;
using GatewayOps.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace GatewayOps.Tests.Cloudflare;

/// <summary>What the stub says once: a status, a body and headers, or nothing at all.</summary>
internal sealed record Answer(int Status, string Body, params (string Name, string Value)[] Headers)
{
    public static readonly Answer Dropped = new(-1, "");
    public static readonly Answer Silence = new(-2, "");

    public static Answer Ok(string result, params (string Name, string Value)[] headers) => new(200, $$"""{"success":true,"errors":[],"messages":[],"result":{{result}}}""", headers);

    public static Answer Error(int status, int code, string message, params (string Name, string Value)[] headers) =>
        new(status, $$"""{"success":false,"errors":[{"code":{{code}},"message":"{{message}}"}]}""", headers);

    public static Answer Throttled(params (string Name, string Value)[] headers) => Error(429, 10429, "slow down", headers);
}

/// <summary>One request as it came over the wire; `At` is the test clock's time.</summary>
internal sealed record Seen(string Method, string Target, string Body, string? Authorization, DateTimeOffset At, IReadOnlyDictionary<string, string> Headers)
{
    private const string Account = "/client/v4/accounts/acc/";

    /// <summary>`PUT ai-gateway/gateways/gw {"a":1}`: below the account, unescaped.</summary>
    public override string ToString() =>
        $"{Method} {Uri.UnescapeDataString(Target.StartsWith(Account, StringComparison.Ordinal) ? Target[Account.Length..] : Target)} {Body}".TrimEnd();
}

/// <summary>A real server on a real socket that answers what a test tells it, in order; the last answer repeats.</summary>
internal sealed class StubCloudflare : IAsyncDisposable
{
    public const string Token = "canary-token-4711";

    private readonly WebApplication _app;
    private readonly HttpClient _http = new(new ContractHandler(Held.Requests));
    private readonly HttpClient _free = new(new SocketsHttpHandler { AllowAutoRedirect = false });
    private readonly List<Seen> _seen = [];

    private StubCloudflare(Func<Seen, int, Answer> answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.Run(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            var seen = new Seen(context.Request.Method, context.Features.Get<IHttpRequestFeature>()!.RawTarget, await reader.ReadToEndAsync(),
                context.Request.Headers.Authorization, Clock.GetUtcNow(),
                context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase));
            int count;
            lock (_seen)
            {
                _seen.Add(seen);
                count = _seen.Count;
            }
            var said = answer(seen, count - 1);
            if (said == Answer.Dropped) context.Abort();
            else if (said == Answer.Silence) await Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            else
            {
                context.Response.StatusCode = said.Status;
                foreach (var (name, value) in said.Headers) context.Response.Headers[name] = value;
                await context.Response.WriteAsync(said.Body);
            }
        });
    }

    public TestClock Clock { get; } = new();

    /// <summary>The one request that came.</summary>
    public string Asked => Requests.Single().ToString();

    public IReadOnlyList<Seen> Requests
    {
        get { lock (_seen) return [.. _seen]; }
    }

    public static Task<StubCloudflare> StartAsync(params Answer[] answers) => StartAsync((_, n) => answers[Math.Min(n, answers.Length - 1)]);

    public static async Task<StubCloudflare> StartAsync(Func<Seen, int, Answer> answer)
    {
        var stub = new StubCloudflare(answer);
        await stub._app.StartAsync();
        return stub;
    }

    /// <summary>
    /// A client on the test clock. No timeout unless asked for: then the clock's only timers are waits. Its requests are held to the OpenAPI document,
    /// unless a test means to send what that does not allow.
    /// </summary>
    public CloudflareClient Client(Func<CloudflareOptions, CloudflareOptions>? change = null, IMeterFactory? meters = null, bool held = true)
    {
        var options = new CloudflareOptions { AccountId = "acc", ApiToken = Token, BaseUrl = new($"{_app.Urls.Single()}/client/v4/"), Timeout = Timeout.InfiniteTimeSpan };
        return new CloudflareClient(held ? _http : _free, change?.Invoke(options) ?? options, Clock, meters);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _free.Dispose();
        await _app.DisposeAsync();
    }
}
