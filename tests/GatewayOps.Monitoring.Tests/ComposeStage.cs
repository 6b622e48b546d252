using System.Diagnostics;
using System.Text.RegularExpressions;
using GatewayOps.Cli.Dev;
using GatewayOps.EmbeddedPostgres;
using GatewayOps.Tests.Monitoring;
using GatewayOps.Tests.Support;
using Npgsql;

namespace GatewayOps.Monitoring.Tests;

/// <summary>
/// The profile `demo` of docker-compose.yml as processes: commands, variables, working folders, health checks and secrets are those of the file; what is replaced is what a container
/// would bring: host names, ports, paths, and PostgreSQL by a private server. Prometheus runs with our own configuration, faster.
/// </summary>
public sealed partial class ComposeStage : IAsyncLifetime, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly TemporaryFolder _folder = new();
    private readonly List<Child> _children = [];
    private readonly int _port = Ports.Free();
    private readonly int _emulatorPort = Ports.Free();
    private EmbeddedPostgresServer? _postgres;
    private string _server = "";

    /// <summary>The control plane, as Prometheus calls it.</summary>
    public string Target => $"127.0.0.1:{_port}";

    internal PrometheusProcess Prometheus { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Directory.CreateDirectory(_folder["secrets"]);
        var (exitCode, output) = await Tool.RunAsync("/bin/sh", [Repository.File("infra/compose/make-secrets.sh")], new Dictionary<string, string> { ["SECRETS"] = _folder["secrets"] });
        Assert.True(exitCode == 0, output);
        Assert.Empty(output);

        _postgres = await EmbeddedPostgresServer.StartAsync(new EmbeddedPostgresOptions { Folder = _folder["postgres"], Durable = false }, CancellationToken.None);
        _server = _postgres.ConnectionTo("postgres");
        await using (var admin = NpgsqlDataSource.Create(_server + ";Pooling=false"))
        await using (var create = admin.CreateCommand(await File.ReadAllTextAsync(Repository.File("infra/compose/databases.sql"))))
        {
            await create.ExecuteNonQueryAsync();
        }

        // In the order that depends_on demands.
        foreach (var name in new[] { "emulator", "controlplane-demo" })
        {
            Start(name);
            await HealthyAsync(name);
        }

        Start("traffic");
        await File.WriteAllTextAsync(_folder["prometheus.yml"], Configuration(await File.ReadAllTextAsync(Repository.File($"{MonitoringFiles.Folder}/prometheus/prometheus.yml"))));
        Prometheus = PrometheusProcess.Start(_folder["prometheus.yml"], _folder["prometheus"]);
    }

    /// <summary>`/metrics` of the control plane.</summary>
    public async Task<string> MetricsAsync(string accept)
    {
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Accept.ParseAdd(accept);
        return await http.GetStringAsync(new Uri($"http://{Target}/metrics"));
    }

    /// <summary>Waits until it holds, or fails with what the processes said.</summary>
    public async Task EventuallyAsync(Func<Task<bool>> holds, Func<string> what)
    {
        var since = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                if (await holds())
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }

            Assert.True(!Prometheus.HasExited && _children.TrueForAll(child => !child.Process.HasExited) && Stopwatch.GetElapsedTime(since) < Patience, $"{what()}\n{Said()}");
            await Task.Delay(500);
        }
    }

    /// <summary>Exit code of the health check of a service.</summary>
    public async Task<int> HealthAsync(string name)
    {
        var service = ComposeFile.Services[name];
        using var check = CliRun.Start(service.Health.Skip(1), Environment(service), _folder.Path);
        await check.EndAsync();
        return check.ExitCode;
    }

    public async Task StopDatabaseAsync()
    {
        if (_postgres is { } server)
        {
            _postgres = null;
            await server.DisposeAsync();
        }
    }

    public async Task DisposeAsync()
    {
        if (Prometheus is not null)
        {
            await Prometheus.DisposeAsync();
        }

        foreach (var child in _children)
        {
            if (!child.Process.HasExited)
            {
                child.Process.Kill();
            }

            await child.Process.EndAsync();
            child.Process.Dispose();
        }

        await StopDatabaseAsync();
    }

    public void Dispose() => _folder.Dispose();

    // Only targets, paths and times are other ones: 15 s would make a test of minutes.
    private string Configuration(string text)
    {
        var faster = text.Replace("interval: 15s", "interval: 1s").Replace("scrape_timeout: 10s", "scrape_timeout: 1s");
        var found = Discovery().Replace(faster, $"    static_configs:\n      - targets: [\"{Target}\"]\n", 1);
        Assert.NotEqual(faster, found);
        return found.Replace("/etc/prometheus/rules", Repository.File($"{MonitoringFiles.Folder}/prometheus/rules")).Replace("targets: [localhost:9090]", "targets: []");
    }

    private void Start(string name)
    {
        var service = ComposeFile.Services[name];
        _children.Add(new Child(name, CliRun.Start(service.Command.Select(Here), Environment(service), service.WorkingFolder.Length > 0 ? Here(service.WorkingFolder) : _folder.Path)));
    }

    private async Task HealthyAsync(string name)
    {
        var since = Stopwatch.GetTimestamp();
        while (await HealthAsync(name) != 0)
        {
            Assert.True(Stopwatch.GetElapsedTime(since) < Patience && !_children[^1].Process.HasExited, $"{name} is not healthy\n{Said()}");
        }
    }

    private Dictionary<string, string> Environment(ComposeService service) => ComposeFile.OfImage.Where(variable => !service.Environment.ContainsKey(variable.Key)).Concat(service.Environment)
        .ToDictionary(variable => variable.Key, variable => variable.Key == "ConnectionStrings__GatewayOps" ? Database(variable.Value) : Here(variable.Value));

    // The private server lets its owner in without a password, by a socket.
    private string Database(string compose)
    {
        var given = new NpgsqlConnectionStringBuilder(compose) { Passfile = _folder["secrets/pgpass"] };
        Assert.True(File.Exists(given.Passfile));
        var here = new NpgsqlConnectionStringBuilder(_server);
        (given.Host, given.Port, given.Username, given.SslMode) = (here.Host, here.Port, here.Username, here.SslMode);
        return given.ToString();
    }

    private string Here(string value) => value.Replace("0.0.0.0:8787", Target).Replace("127.0.0.1:8787", Target).Replace("8788", $"{_emulatorPort}").Replace("/run/secrets", _folder["secrets"]);

    private string Said() => string.Join('\n', _children.Select(child => $"--- {child.Name}\n{child.Said}"));

    [GeneratedRegex(@"    dns_sd_configs:\n(?:      .*\n)+")]
    private static partial Regex Discovery();

    /// <summary>A process whose output is read, so that it never waits for a reader.</summary>
    private sealed class Child
    {
        // What it said last is what explains.
        private const int MostLines = 10;

        private readonly Queue<string> _said = new();

        public Child(string name, Process process)
        {
            (Name, Process) = (name, process);
            process.OutputDataReceived += (_, line) => Add(line.Data);
            process.ErrorDataReceived += (_, line) => Add(line.Data);
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
        }

        public string Name { get; }

        public Process Process { get; }

        public string Said
        {
            get
            {
                lock (_said)
                {
                    return string.Join('\n', _said);
                }
            }
        }

        private void Add(string? line)
        {
            lock (_said)
            {
                _said.Enqueue(line ?? "");
                if (_said.Count > MostLines)
                {
                    _said.Dequeue();
                }
            }
        }
    }
}
