using System.Net.Http.Headers;
using GatewayOps.ControlPlane.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace GatewayOps.Tests.Support;

/// <summary>
/// The service of one test: in this process, on a free port, over a real socket and a real database. Settings come from the test alone; the
/// environment and the folder of whoever runs the tests do not leak in.
/// </summary>
public sealed class TestService : IAsyncDisposable
{
    public const string OperatorToken = "operator-token-of-the-tests";
    public const string ReadToken = "read-token-of-the-tests";
    public const string ApplyToken = "apply-token-of-the-tests";
    public const string ProxyToken = "proxy-token-of-the-tests";

    private readonly TestDatabase? _own;
    private readonly List<HttpClient> _clients = [];

    private TestService(WebApplication app, TestDatabase database, TestDatabase? own, CapturedLog log)
    {
        App = app;
        Database = database;
        _own = own;
        Log = log;
        BaseUrl = new Uri(app.Urls.First());
        Operator = NewClient(OperatorToken);
        Anonymous = NewClient();
        Caller = NewClient(ProxyToken);
    }

    public WebApplication App { get; }

    public IServiceProvider Services => App.Services;

    public TestDatabase Database { get; }

    public CapturedLog Log { get; }

    public Uri BaseUrl { get; }

    /// <summary>With the scope admin.</summary>
    public HttpClient Operator { get; }

    public HttpClient Anonymous { get; }

    /// <summary>A caller of the proxy, with its token as Bearer.</summary>
    public HttpClient Caller { get; }

    /// <summary>
    /// Starts the service. Without a database it gets one of its own; without an emulator, Cloudflare is an address where nothing listens.
    /// Timers (reconciler, log polling) are off unless <paramref name="settings"/> turns them on; an empty value there unsets a default of here.
    /// </summary>
    public static async Task<TestService> StartAsync(
        TestDatabase? database = null,
        TestEmulator? emulator = null,
        IReadOnlyDictionary<string, string>? settings = null,
        TimeProvider? time = null,
        Action<WebApplicationBuilder>? adapt = null)
    {
        var own = database is null ? await TestDatabase.CreateAsync() : null;
        var used = database ?? own!;
        var log = new CapturedLog();
        try
        {
            var app = ServiceHost.Build(Arguments(used, emulator, settings), new Surroundings(new Dictionary<string, string>(), AppContext.BaseDirectory), builder =>
            {
                builder.Logging.ClearProviders().AddProvider(log);
                if (time is not null)
                {
                    builder.Services.Replace(ServiceDescriptor.Singleton(time));
                }

                adapt?.Invoke(builder);
            });
            await app.StartAsync();
            return new TestService(app, used, own, log);
        }
        catch
        {
            if (own is not null)
            {
                await own.DisposeAsync();
            }

            throw;
        }
    }

    /// <summary>The arguments that <see cref="StartAsync"/> gives to the service, for tests that run it as a process of its own.</summary>
    public static string[] Arguments(TestDatabase database, TestEmulator? emulator, IReadOnlyDictionary<string, string>? settings = null)
    {
        var all = new Dictionary<string, string>
        {
            ["urls"] = "http://127.0.0.1:0",
            ["shutdownTimeoutSeconds"] = "5",
            ["ConnectionStrings:GatewayOps"] = database.ConnectionString,
            ["GatewayOps:Cloudflare:AccountId"] = emulator?.Options.AccountId ?? "test-account",
            ["GatewayOps:Cloudflare:ApiToken"] = emulator?.Options.ApiToken ?? "cloudflare-token-of-the-tests",
            // Port 9 is reserved for `discard`: a connection is refused at once.
            ["GatewayOps:Cloudflare:BaseUrl"] = (emulator?.ApiUrl ?? new Uri("http://127.0.0.1:9/client/v4")).ToString(),
            ["GatewayOps:Cloudflare:GatewayBaseUrl"] = (emulator?.BaseUrl ?? new Uri("http://127.0.0.1:9")).ToString(),
            ["GatewayOps:Cloudflare:GatewayToken"] = emulator?.Options.ApiToken ?? "gateway-token-of-the-tests",
            ["GatewayOps:Operator:Token"] = OperatorToken,
            ["GatewayOps:Operator:Tokens:0:Name"] = "reader",
            ["GatewayOps:Operator:Tokens:0:Token"] = ReadToken,
            ["GatewayOps:Operator:Tokens:0:Scope"] = "Read",
            ["GatewayOps:Operator:Tokens:1:Name"] = "applier",
            ["GatewayOps:Operator:Tokens:1:Token"] = ApplyToken,
            ["GatewayOps:Operator:Tokens:1:Scope"] = "Apply",
            ["GatewayOps:Proxy:AuthToken"] = ProxyToken,
            ["GatewayOps:Reconciliation:Enabled"] = "false",
            ["GatewayOps:Ingestion:Enabled"] = "false",
            ["GatewayOps:Rollups:Enabled"] = "false",
            ["GatewayOps:Analytics:Enabled"] = "false",
            // Tests read what was written at once, and some hold the clock.
            ["GatewayOps:Usage:WriteInterval"] = "00:00:00",
        };
        foreach (var (key, value) in settings ?? new Dictionary<string, string>())
        {
            all[key] = value;
        }

        return [.. all.Where(setting => setting.Value.Length > 0).Select(setting => $"--{setting.Key}={setting.Value}")];
    }

    /// <summary>The same as variables, for a process of its own: no secret is in its argument list.</summary>
    public static IReadOnlyDictionary<string, string> Environment(TestDatabase database, TestEmulator? emulator, IReadOnlyDictionary<string, string>? settings = null) =>
        Arguments(database, emulator, settings).Select(argument => argument[2..].Split('=', 2))
            .ToDictionary(setting => setting[0] == "urls" ? "ASPNETCORE_URLS" : setting[0].Replace(":", "__"), setting => setting[1]);

    /// <summary>A client of this service with a Bearer token, or without.</summary>
    public HttpClient NewClient(string? token = null)
    {
        var client = new HttpClient { BaseAddress = BaseUrl };
        if (token is not null)
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        _clients.Add(client);
        return client;
    }

    /// <summary>Waits until <paramref name="holds"/> does, for what the service does in the background; fails after 15 s, or after another <paramref name="patience"/>, with what the log says.</summary>
    public async Task EventuallyAsync(Func<Task<bool>> holds, string what, TimeSpan? patience = null)
    {
        var deadline = TimeProvider.System.GetTimestamp();
        while (!await holds())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(deadline) < (patience ?? TimeSpan.FromSeconds(15)), $"{what} did not happen in time\n{Log}");
            await Task.Delay(20);
        }
    }

    public Task EventuallyAsync(Func<bool> holds, string what) => EventuallyAsync(() => Task.FromResult(holds()), what);

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
        {
            client.Dispose();
        }

        await App.DisposeAsync();
        if (_own is not null)
        {
            await _own.DisposeAsync();
        }
    }
}
