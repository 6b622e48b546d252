using System.CommandLine;
using System.Text.RegularExpressions;
using GatewayOps.Cli;
using GatewayOps.ControlPlane.Hosting;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Monitoring;

/// <summary>docker-compose.yml as far as its text goes: what it mounts is there, what it sets is known, and nothing in it is more than it needs. GatewayOps.Monitoring.Tests runs its wiring.</summary>
public sealed partial class ComposeFileTests
{
    // Made by whoever runs the profile `live`.
    private const string OfTheUser = "./secrets/live.env";

    private static readonly RootCommand Root = CommandTree.Build(new Shell(TextWriter.Null, TextWriter.Null, new Surroundings(new Dictionary<string, string>(), AppContext.BaseDirectory)));

    public static TheoryData<string> Services => [.. ComposeFile.Services.Keys];

    [Fact]
    public void Services_AreThoseOfTheProduct_AndOfTheDemo()
    {
        Assert.Equal(["controlplane", "controlplane-demo", "emulator", "grafana", "postgres", "prometheus", "secrets", "traffic"], ComposeFile.Services.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(["controlplane-demo", "emulator", "traffic"], ComposeFile.Services.Values.Where(service => service.Profiles is ["demo"]).Select(service => service.Name).Order(StringComparer.Ordinal));
        Assert.Equal(["controlplane"], ComposeFile.Services.Values.Where(service => service.Profiles is ["live"]).Select(service => service.Name));
    }

    [Theory]
    [MemberData(nameof(Services))]
    public void Image_IsPinned_OrBuiltFromPinnedOnes(string name)
    {
        var service = ComposeFile.Services[name];
        if (service.IsOurs)
        {
            Assert.Equal("gatewayops:0.1.0", service.Image);
            return;
        }

        Assert.Matches(@"^[a-z/]+:v?\d+\.\d+(\.\d+)?(-alpine)?@sha256:[0-9a-f]{64}$", service.Image);
    }

    [Theory]
    [MemberData(nameof(Services))]
    public void Container_IsReadOnly_WithoutRightsAndRoot(string name)
    {
        var service = ComposeFile.Services[name];
        Assert.Equal("true", service.Text("read_only"));
        Assert.Equal(["ALL"], service.List("cap_drop"));
        Assert.Equal(["no-new-privileges:true"], service.List("security_opt"));
        // `secrets` owns its volume, has no network and ends at once.
        Assert.True(name == "secrets" ? service.Network == "none" : Regex.IsMatch(service.User, "^[1-9][0-9]*:[0-9]+$"), service.User);
    }

    [Theory]
    [MemberData(nameof(Services))]
    public void Mounts_AreThere_AndFilesAreReadOnly(string name) => Assert.All(ComposeFile.Services[name].Mounts, mount =>
    {
        Assert.StartsWith("/", mount.Target, StringComparison.Ordinal);
        if (mount.IsFile)
        {
            Assert.True(mount.IsReadOnly, mount.Source);
            Assert.True(mount.Source == OfTheUser || Path.Exists(Repository.File(mount.Source)), $"{mount.Source} is not there");
            return;
        }

        Assert.Contains(mount.Source, ComposeFile.Volumes);
        Assert.True(mount.Source != "secrets" || mount.IsReadOnly || name == "secrets", "only `secrets` writes secrets");
    });

    [Fact]
    public void Volumes_AreAllUsed() => Assert.Equal(ComposeFile.Volumes.Order(), ComposeFile.Services.Values.SelectMany(service => service.Mounts).Where(mount => !mount.IsFile).Select(mount => mount.Source).Distinct().Order());

    [Theory]
    [MemberData(nameof(Services))]
    public void Ports_AreOfThisMachineAlone(string name) => Assert.All(ComposeFile.Services[name].Ports, port => Assert.Matches(@"^127\.0\.0\.1:\d+:\d+$", port));

    [Theory]
    [MemberData(nameof(Services))]
    public void Health_IsChecked_ByWhatTheImageHas(string name)
    {
        var service = ComposeFile.Services[name];
        if (name is "secrets" or "traffic")
        {
            Assert.Empty(service.Health); // ends at once; answers nobody
            return;
        }

        var program = service.Health[0];
        Assert.Equal(service.IsOurs ? "/app/gatewayops" : name == "postgres" ? "pg_isready" : "wget", program);
        if (service.IsOurs)
        {
            Parses(service.Health.Skip(1));
        }
    }

    [Theory]
    [MemberData(nameof(Services))]
    public void Command_OfOurs_IsAVerb(string name)
    {
        if (ComposeFile.Services[name] is { IsOurs: true } ours)
        {
            Parses(ours.Command);
        }
    }

    [Theory]
    [MemberData(nameof(Services))]
    public void Variables_OfOurs_AreSettings_AndNoneHoldsASecret(string name)
    {
        var service = ComposeFile.Services[name];
        var guide = File.ReadAllText(Repository.File("controlplane/docs/settings.md"));
        Assert.All(service.Environment, variable =>
        {
            Assert.True(!service.IsOurs || guide.Contains($"`{variable.Key}`", StringComparison.Ordinal), $"settings.md does not know {variable.Key}");
            Assert.DoesNotMatch("(?i)password=", variable.Value);
            // The emulator's token opens nothing but the emulator.
            Assert.True(!Secret().IsMatch(variable.Key) || variable.Key.EndsWith("FILE", StringComparison.Ordinal) || variable.Value == "dev-token", $"{variable.Key} stands in the file");
        });
    }

    [Theory]
    [MemberData(nameof(Services))]
    public void Dependencies_AreThere_AndCanBecomeWhatIsWaitedFor(string name)
    {
        var service = ComposeFile.Services[name];
        Assert.All(service.After, first =>
        {
            Assert.True(first.Value == (first.Key == "secrets" ? "service_completed_successfully" : "service_healthy"));
            var needed = ComposeFile.Services[first.Key];
            Assert.True(needed.Profiles.Count == 0 || needed.Profiles.SequenceEqual(service.Profiles), $"{name} waits for {first.Key}, which its profile does not start");
        });
        Assert.True(!service.Network.StartsWith("service:", StringComparison.Ordinal) || ComposeFile.Services.ContainsKey(service.Network["service:".Length..]), service.Network);
    }

    [Fact]
    public void Demo_ReachesTheEmulatorAlone_AndItsOwnDatabase()
    {
        var demo = ComposeFile.Services["controlplane-demo"].Environment;
        Assert.All(demo.Where(variable => variable.Key.EndsWith("BaseUrl", StringComparison.Ordinal)), variable => Assert.StartsWith("http://127.0.0.1:8788", variable.Value, StringComparison.Ordinal));
        Assert.Contains("Database=gatewayops_demo;", demo["ConnectionStrings__GatewayOps"]);
        Assert.Contains("Database=gatewayops;", ComposeFile.Services["controlplane"].Environment["ConnectionStrings__GatewayOps"]);
        Assert.Contains("create database gatewayops_demo;", File.ReadAllText(Repository.File("infra/compose/databases.sql")));
    }

    [Fact]
    public void Prometheus_FindsEveryReplica_ByTheNameThatBothProfilesGive()
    {
        var scrape = MonitoringFiles.List(MonitoringFiles.Read("prometheus/prometheus.yml"), "scrape_configs").First();
        var discovery = MonitoringFiles.List(scrape, "dns_sd_configs").Single();
        Assert.Equal(["controlplane"], ((IList<object>)discovery["names"]).Cast<string>());
        Assert.Equal("8787", discovery["port"]);
        Assert.Contains("aliases: [controlplane]", ComposeFile.Source);
    }

    [Fact]
    public void Grafana_FindsDashboardsAndDataSource_WhereTheyAreMounted()
    {
        var grafana = ComposeFile.Services["grafana"];
        var provider = MonitoringFiles.List(MonitoringFiles.Read("grafana/provisioning/dashboards/gatewayops.yml"), "providers").Single();
        Assert.Contains(grafana.Mounts, mount => mount.Target == (string)MonitoringFiles.Map(provider, "options")["path"]);
        Assert.Equal("false", provider["allowUiUpdates"]);
        var source = MonitoringFiles.List(MonitoringFiles.Read("grafana/provisioning/datasources/prometheus.yml"), "datasources").Single();
        Assert.Equal(("gatewayops-prometheus", "prometheus", "${PROMETHEUS_URL}"), ((string)source["uid"], (string)source["type"], (string)source["url"]));
        Assert.Equal("http://prometheus:9090", grafana.Environment["PROMETHEUS_URL"]);
        Assert.True(File.Exists(Repository.File($"{MonitoringFiles.Folder}/grafana/dashboards/{Path.GetFileName(grafana.Environment["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"])}")));
    }

    [Fact]
    public void Dockerfile_BuildsFromPinnedImages_ForAUserWithoutRights()
    {
        var lines = File.ReadAllLines(Repository.File("Dockerfile"));
        Assert.All(lines.Where(line => line.StartsWith("ARG ", StringComparison.Ordinal)), line => Assert.Matches(@"^ARG [A-Z]+=mcr\.microsoft\.com/dotnet/[a-z-]+:10\.0-noble(-chiseled)?@sha256:[0-9a-f]{64}$", line));
        Assert.All(lines.Where(line => line.StartsWith("FROM ", StringComparison.Ordinal)), line => Assert.Matches(@"^FROM \$\{(SDK|RUNTIME)\}", line));
        Assert.Contains("USER 1654:1654", lines);
        Assert.All(ComposeFile.Services.Values.Where(service => service.IsOurs), service => Assert.Equal("1654:1654", service.User));
        Assert.Contains(lines, line => line.StartsWith("HEALTHCHECK ", StringComparison.Ordinal) && line.EndsWith("""CMD ["/app/gatewayops", "health"]""", StringComparison.Ordinal));
        // What goes to the engine is named; secrets and history are not among it.
        Assert.Equal("**", File.ReadAllLines(Repository.File(".dockerignore")).First(line => line[0] != '#'));
    }

    [Fact]
    public void Secrets_OfTheUser_AreNotForGit() => Assert.Contains("secrets/", File.ReadAllLines(Repository.File(".gitignore")));

    private static void Parses(IEnumerable<string> words)
    {
        var parsed = Root.Parse([.. words]);
        Assert.True(parsed.Errors.Count == 0, string.Join(' ', parsed.Errors.Select(error => error.Message)));
    }

    [GeneratedRegex("(?i)(password|token|secret|key)(__file|_file)?$")]
    private static partial Regex Secret();
}
