using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using GatewayOps.Emulator;
using GatewayOps.Emulator.Admin;
using GatewayOps.Emulator.Upstreams;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace GatewayOps.Tests.Docs;

/// <summary>emulator.md names every admin route, option and field of a fault.</summary>
public sealed partial class EmulatorGuideTests
{
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
        OptionName().Matches(EmulatorArguments.Parse(["--?"]).Error!).Skip(1).Select(name => new[] { $"`{name.Value}`" }));

    [Fact]
    public void UpstreamFault_FieldsAreThoseOfTheRecord() => GuideTable.Holds("emulator.md", "Upstream fault", Members(typeof(UpstreamFault)));

    [Fact]
    public void ManagementFault_FieldsAreThoseOfTheRecord() => GuideTable.Holds("emulator.md", "Management fault", Members(typeof(ManagementFault)));

    private static IEnumerable<string[]> Members(Type fault) => fault.GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(property => new[] { $"`{JsonNamingPolicy.CamelCase.ConvertName(property.Name)}`" });

    [GeneratedRegex("--[a-z?][a-z-]*")]
    private static partial Regex OptionName();
}
