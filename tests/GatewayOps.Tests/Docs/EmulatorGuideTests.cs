using System.Reflection;
using System.Text.Json;
using GatewayOps.Emulator;
using GatewayOps.Emulator.Admin;
using GatewayOps.Emulator.State;
using GatewayOps.Emulator.Upstreams;
using GatewayOps.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace GatewayOps.Tests.Docs;

/// <summary>emulator.md names every admin route, option and field of a fault.</summary>
public sealed class EmulatorGuideTests
{
    private readonly EmulatorOptions _fast = new();

    [Fact]
    public void AdminRoutes_AreThoseOfTheEmulator() => GuideTable.Holds("emulator.md", "Admin route",
        from endpoint in ((IEndpointRouteBuilder)EmulatorHost.Build(new EmulatorOptions())).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
        let path = endpoint.RoutePattern.RawText!.TrimEnd('/')
        where path.StartsWith("/_emulator", StringComparison.Ordinal)
        from method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods
        orderby path, method
        select new[] { $"`{method} {path}`" });

    [Fact]
    public void Options_AreThoseOfTheCommandLine() => GuideTable.Holds("emulator.md", "Option",
        EmulatorArguments.All.Select(option => new[] { $"`{option.Name}`" }));

    [Fact]
    public void FaithfulMode_ChangesWhatTheTableSays() => GuideTable.Holds("emulator.md", "Faithful",
        from property in typeof(EmulatorOptions).GetProperties(BindingFlags.Public | BindingFlags.Instance)
        let fast = property.GetValue(_fast)
        let faithful = property.GetValue(_fast.Faithful())
        where !Equals(fast, faithful)
        orderby property.Name
        select new[] { $"`{property.Name}`", Written(fast), Written(faithful) });

    private static string Written(object? value) => value switch
    {
        null => "none",
        TimeSpan time => $"{time.TotalSeconds} s",
        _ => $"{value}",
    };

    [Fact]
    public void Permissions_AreAllInTheTable()
    {
        var guide = File.ReadAllText(Repository.File("controlplane/docs/emulator.md"));
        Assert.All(Permission.All, permission => Assert.Contains($"`{permission.Name}`", guide));
    }

    [Fact]
    public void UpstreamFault_FieldsAreThoseOfTheRecord() => GuideTable.Holds("emulator.md", "Upstream fault", Members(typeof(UpstreamFault)));

    [Fact]
    public void ManagementFault_FieldsAreThoseOfTheRecord() => GuideTable.Holds("emulator.md", "Management fault", Members(typeof(ManagementFault)));

    private static IEnumerable<string[]> Members(Type fault) => fault.GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(property => new[] { $"`{JsonNamingPolicy.CamelCase.ConvertName(property.Name)}`" });
}
