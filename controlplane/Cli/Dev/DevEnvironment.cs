using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using GatewayOps.Cli.ControlPlane;
using GatewayOps.ControlPlane.Hosting;
using GatewayOps.EmbeddedPostgres;

namespace GatewayOps.Cli.Dev;

/// <summary>What `dev` and `demo` are told.</summary>
public sealed record DevSettings
{
    public required int Port { get; init; }
    public required int EmulatorPort { get; init; }
    public required string DataFolder { get; init; }

    /// <summary>Further settings of the service, by environment name.</summary>
    public IReadOnlyDictionary<string, string> Service { get; init; } = new Dictionary<string, string>();
}

/// <summary>
/// A whole product on one machine: PostgreSQL, the emulator and the service, each a process of its own, and an account seeded through
/// the public APIs. Always against the emulator, whatever Cloudflare credentials the environment holds: `dev` never touches a real account.
/// </summary>
public sealed class DevEnvironment : IAsyncDisposable
{
    public const string Account = "dev-account";
    public const string CloudflareToken = "dev-token";

    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);

    private readonly Stack<IAsyncDisposable> _parts = new();
    private readonly List<ChildProcess> _children = [];
    private EmbeddedPostgresServer? _postgres;
    private bool _isAnnounced;

    private DevEnvironment(DevSettings settings, string operatorToken)
    {
        Settings = settings;
        OperatorToken = operatorToken;
        ServiceUrl = new Uri($"http://127.0.0.1:{settings.Port}");
        EmulatorUrl = new Uri($"http://127.0.0.1:{settings.EmulatorPort}");
    }

    public DevSettings Settings { get; }
    public Uri ServiceUrl { get; }
    public Uri EmulatorUrl { get; }
    public string OperatorToken { get; }

    /// <summary>The proxy's AUTH_TOKEN where the environment sets one.</summary>
    public string? ProxyToken { get; } = Environment.GetEnvironmentVariable("AUTH_TOKEN") is { Length: > 0 } token ? token : null;

    public static async Task<DevEnvironment> StartAsync(DevSettings settings, Action<string> progress, CancellationToken cancellationToken)
    {
        Ports.Demand(settings.Port, "--port");
        Ports.Demand(settings.EmulatorPort, "--emulator-port");
        if (settings.Port == settings.EmulatorPort)
        {
            throw new CliException($"The service and the emulator cannot both listen on port {settings.Port}.", "choose another with --emulator-port PORT");
        }

        MakeFolder(settings.DataFolder);
        var environment = new DevEnvironment(settings, OperatorTokenIn(settings.DataFolder));
        try
        {
            await environment.StartPartsAsync(progress, cancellationToken);
            new DevAddress(environment.ServiceUrl, environment.OperatorToken).Write(settings.DataFolder);
            environment._isAnnounced = true;
            return environment;
        }
        catch
        {
            await environment.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends when a child has ended by itself, with an error that shows its last lines.</summary>
    public async Task WatchAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAny(_children.Select(child => child.Exited).Append(_postgres!.Exited)).WaitAsync(cancellationToken);
        throw _postgres.Exited.IsCompleted
            ? new CliException($"PostgreSQL ended.\n{_postgres.Log}", "start again: what was committed is kept")
            : Ended(_children.First(child => child.HasExited));
    }

    /// <summary>Stops the parts in the reverse order of their start: the service drains while PostgreSQL still answers.</summary>
    public async ValueTask DisposeAsync()
    {
        while (_parts.TryPop(out var part))
        {
            await part.DisposeAsync();
        }

        // Where this one never came up, the address is that of another, which runs in the same folder.
        if (_isAnnounced)
        {
            File.Delete(DevAddress.PathIn(Settings.DataFolder));
        }
    }

    private async Task StartPartsAsync(Action<string> progress, CancellationToken cancellationToken)
    {
        progress("starting PostgreSQL");
        var postgres = await StartPostgresAsync(progress, cancellationToken);
        _parts.Push(postgres);
        _postgres = postgres;

        progress($"starting the emulator at {EmulatorUrl}");
        var emulator = Start("emulator", ["--port", $"{Settings.EmulatorPort}"], new Dictionary<string, string>());
        await AnswersAsync(emulator, new Uri(EmulatorUrl, "/_emulator/health"), cancellationToken);

        progress($"starting the service at {ServiceUrl}");
        var service = Start("serve", ["--urls", $"http://127.0.0.1:{Settings.Port}"], ServiceSettings(postgres.ConnectionString));
        await AnswersAsync(service, new Uri(ServiceUrl, "/readyz"), cancellationToken);
    }

    private async Task<EmbeddedPostgresServer> StartPostgresAsync(Action<string> progress, CancellationToken cancellationToken)
    {
        try
        {
            return await EmbeddedPostgresServer.StartAsync(
                new EmbeddedPostgresOptions { Folder = Path.Combine(Settings.DataFolder, "postgres"), Progress = new Lines(progress) },
                cancellationToken);
        }
        catch (EmbeddedPostgresException e)
        {
            throw new CliException(e.Message, "put that right, then repeat");
        }
    }

    private Dictionary<string, string> ServiceSettings(string connectionString) => new(Settings.Service)
    {
        ["ConnectionStrings__GatewayOps"] = connectionString,
        // By the names that win over all others: whatever the environment or a .env file holds, a real account is out of reach.
        ["GatewayOps__Cloudflare__AccountId"] = Account,
        ["GatewayOps__Cloudflare__ApiToken"] = CloudflareToken,
        ["GatewayOps__Cloudflare__GatewayToken"] = CloudflareToken,
        ["GatewayOps__Cloudflare__GatewayId"] = Commands.StartCommand.DefaultGateway,
        ["GatewayOps__Cloudflare__BaseUrl"] = new Uri(EmulatorUrl, "/client/v4").ToString(),
        ["GatewayOps__Cloudflare__GatewayBaseUrl"] = EmulatorUrl.ToString().TrimEnd('/'),
        [VaultSecrets.PathVariable] = "",
        ["GatewayOps__Operator__Token"] = OperatorToken,
        // The emulator is on this machine; a proxy is not to be asked for it.
        ["NO_PROXY"] = "127.0.0.1,localhost",
    };

    private ChildProcess Start(string verb, string[] arguments, IReadOnlyDictionary<string, string> environment)
    {
        var child = ChildProcess.Start(verb, arguments, environment, Path.Combine(Settings.DataFolder, "logs"));
        _children.Add(child);
        _parts.Push(child);
        return child;
    }

    private static async Task AnswersAsync(ChildProcess child, Uri url, CancellationToken cancellationToken)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(5) };
        var since = Stopwatch.GetTimestamp();
        while (true)
        {
            if (child.HasExited)
            {
                throw Ended(child);
            }

            try
            {
                using var response = await http.GetAsync(url, cancellationToken);
                if (response.StatusCode == HttpStatusCode.OK)
                {
                    return;
                }
            }
            catch (Exception e) when (e is HttpRequestException || (e is TaskCanceledException && !cancellationToken.IsCancellationRequested))
            {
                // Not listening yet.
            }

            if (Stopwatch.GetElapsedTime(since) > StartTimeout)
            {
                throw new CliException($"`{child.Name}` is not ready after {StartTimeout.TotalSeconds:0} s.\n{child.Tail()}", $"read {child.LogFile}");
            }

            await Task.Delay(50, cancellationToken);
        }
    }

    private static CliException Ended(ChildProcess child) => new($"`{child.Name}` ended.\n{child.Tail()}", $"read {child.LogFile}");

    private static void MakeFolder(string path)
    {
        try
        {
            Directory.CreateDirectory(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"The data folder {path} cannot be made: {e.Message}", "give a folder that you may write to with --data");
        }
    }

    // From the environment, else the one that an earlier run made and left in the data folder, else a new one.
    private static string OperatorTokenIn(string dataFolder)
    {
        if (Environment.GetEnvironmentVariable(ServiceAddress.TokenVariable) is { Length: > 0 } given)
        {
            return given;
        }

        var file = Path.Combine(dataFolder, "operator-token");
        if (File.Exists(file) && File.ReadAllText(file).Trim() is { Length: > 0 } kept)
        {
            return kept;
        }

        var made = $"gop_{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(20))}";
        using var writer = new StreamWriter(PrivateFile.Create(file));
        writer.Write(made);
        return made;
    }

    // Progress<T> would report later and out of order.
    private sealed class Lines(Action<string> write) : IProgress<string>
    {
        public void Report(string value) => write(value);
    }
}
