using System.Xml.Linq;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Conventions;

/// <summary>Who may know whom. The table is the rule; a new arrow is a decision, made here and in CONTRIBUTING.md.</summary>
public sealed class DependencyTests
{
    private const string Service = "GatewayOps.ControlPlane.";

    /// <summary>Project: the projects and packages that it may reference.</summary>
    public static TheoryData<string, string[]> Projects => new()
    {
        { "controlplane/Rules/GatewayOps.Rules.csproj", [] },
        { "controlplane/Tokenizer/GatewayOps.Tokenizer.csproj", [] },
        { "controlplane/Cloudflare/GatewayOps.Cloudflare.csproj", ["Polly.Core"] },
        { "controlplane/EmbeddedPostgres/GatewayOps.EmbeddedPostgres.csproj", ["Npgsql"] },
        { "controlplane/Emulator/GatewayOps.Emulator.csproj", [] },
        {
            "controlplane/Service/GatewayOps.ControlPlane.csproj",
            ["Microsoft.AspNetCore.OpenApi", "Microsoft.EntityFrameworkCore.Relational", "Npgsql.EntityFrameworkCore.PostgreSQL", "OpenTelemetry", "OpenTelemetry.Exporter.OpenTelemetryProtocol", "Quartz", "GatewayOps.Rules", "GatewayOps.Cloudflare", "GatewayOps.Tokenizer"]
        },
        {
            "controlplane/Cli/GatewayOps.Cli.csproj",
            ["System.CommandLine", "Spectre.Console", "YamlDotNet", "GatewayOps.Rules", "GatewayOps.Client", "GatewayOps.ControlPlane", "GatewayOps.Emulator", "GatewayOps.EmbeddedPostgres"]
        },
        { "controlplane/Client/GatewayOps.Client.csproj", ["OpenAI", "Microsoft.Extensions.AI.Abstractions"] },
        { "samples/ConsoleAgent/ConsoleAgent.csproj", ["GatewayOps.Client"] },
        { "samples/WebChat/WebChat.csproj", ["GatewayOps.Client"] },
        { "infra/GatewayOps.Infra.csproj", ["Pulumi", "Pulumi.Cloudflare", "GatewayOps.Rules"] },
    };

    /// <summary>Folder of the service: the folders and projects of ours that it may use.</summary>
    public static TheoryData<string, string[]> Folders => new()
    {
        { "Storage", [] },
        { "Telemetry", [] },
        { "Http", ["Rules", "Storage"] },
        { "Access", ["Rules", "Http", "Storage", "Telemetry"] },
        { "Loaded", ["Rules", "Content", "Storage", "Telemetry"] },
        { "Content", ["Rules", "Storage", "Access", "Http", "Telemetry", "Upstreams"] },
        { "Reconciliation", ["Content", "Rules", "Cloudflare", "Storage", "Loaded", "Access", "Http", "Scheduling", "Telemetry", "Upstreams", "Ingestion"] },
        { "Upstreams", ["Rules", "Http", "Telemetry"] },
        { "Usage", ["Storage", "Access", "Http", "Scheduling", "Telemetry"] },
        { "Analytics", ["Cloudflare", "Storage", "Usage", "Ingestion", "Scheduling", "Access", "Http", "Telemetry"] },
        { "Proxy", ["Loaded", "Rules", "Tokenizer", "Upstreams", "Usage", "Access", "Http", "Telemetry"] },
        { "Events", ["Storage", "Access", "Http"] },
        { "Ingestion", ["Storage", "Cloudflare", "Scheduling", "Access", "Http", "Telemetry"] },
        { "Scheduling", [] },
    };

    [Theory]
    [MemberData(nameof(Projects))]
    public void Project_References_OnlyWhatTheTableAllows(string project, string[] allowed)
    {
        var document = XDocument.Load(Path.Combine(Repository.Root, project));
        var referenced = document.Descendants("PackageReference").Select(reference => reference.Attribute("Include")!.Value)
            .Concat(document.Descendants("ProjectReference").Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/'))));
        Assert.Empty(referenced.Except(allowed));
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void ServiceFolder_Uses_OnlyWhatTheTableAllows(string folder, string[] allowed)
    {
        var permitted = allowed.Append(folder).Select(name => name is "Rules" or "Cloudflare" or "Tokenizer" ? $"GatewayOps.{name}" : Service + name).ToHashSet();
        var forbidden = SourceFile.Below($"controlplane/Service/{folder}")
            .SelectMany(file => file.References.Where(reference => !permitted.Any(name => reference == name || reference.StartsWith(name + '.', StringComparison.Ordinal))).Select(reference => $"{file.Path} uses {reference}"));
        Assert.Empty(forbidden);
    }

    [Fact]
    public void EveryServiceFolder_ExceptHosting_HasARow()
    {
        var folders = Directory.EnumerateDirectories(Path.Combine(Repository.Root, "controlplane/Service")).Select(path => Path.GetFileName(path)!).Except(["bin", "obj", "Properties", "Hosting"]);
        Assert.Equal(folders.Order(), Folders.Select(row => (string)row[0]).Order());
    }

    [Fact]
    public void Emulator_NeverKnows_TheClientOrTheService() =>
        Assert.Empty(SourceFile.Below("controlplane/Emulator").SelectMany(file => file.References.Where(reference => !reference.StartsWith("GatewayOps.Emulator", StringComparison.Ordinal)).Select(reference => $"{file.Path} uses {reference}")));

    [Fact]
    public void Rules_AreSynchronous_AndWithoutInputOutput()
    {
        string[] forbidden = ["async ", "await ", "System.Net", "System.IO", "File.", "DateTime", "TimeProvider", "Task<"];
        var found = from file in SourceFile.Below("controlplane/Rules")
                    from word in forbidden
                    where file.Text.Split('\n').Any(line => !line.TrimStart().StartsWith("//", StringComparison.Ordinal) && line.Contains(word, StringComparison.Ordinal))
                    select $"{file.Path} has `{word.Trim()}`";
        Assert.Empty(found);
    }

    [Fact]
    public void Proxy_And_Reconciliation_NeverSeeEachOther()
    {
        Assert.DoesNotContain(SourceFile.Below("controlplane/Service/Proxy"), file => file.References.Contains(Service + "Reconciliation"));
        Assert.DoesNotContain(SourceFile.Below("controlplane/Service/Reconciliation"), file => file.References.Contains(Service + "Proxy"));
    }
}
