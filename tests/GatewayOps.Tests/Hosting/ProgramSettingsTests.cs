using System.Text.Json.Nodes;
using GatewayOps.Tests.Monitoring;

namespace GatewayOps.Tests.Hosting;

/// <summary>The runtime of every program that runs the service is set alike: the image runs it through the command line, benchmarks and developers by itself.</summary>
public sealed class ProgramSettingsTests
{
    [Fact]
    public void CommandLine_RunsTheService_UnderTheSameSettingsOfTheRuntime() => Assert.Equal(Settings("GatewayOps.ControlPlane"), Settings("gatewayops"));

    [Fact]
    public void Service_HasThreadsForCommandsThatAreCancelledWhileTheyBlock() => Assert.Contains("System.Threading.ThreadPool.MinThreads: 16", Settings("gatewayops"));

    [Fact]
    public void Benchmark_MakesTheProgramByTheCommandOfTheImage() => Assert.Equal(["dotnet", "publish", "controlplane/Cli"], ComposeFile.PublishesBy.Take(3));

    private static IReadOnlyList<string> Settings(string program)
    {
        var settings = JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, $"{program}.runtimeconfig.json")))!["runtimeOptions"]!["configProperties"]!.AsObject();
        return [.. settings.Select(setting => $"{setting.Key}: {setting.Value!.ToJsonString()}").Order(StringComparer.Ordinal)];
    }
}
