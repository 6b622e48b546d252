using GatewayOps.Emulator;
using GatewayOps.Emulator.Management;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace GatewayOps.Tests.Emulator.Management;

public sealed class PermissionNeedTests
{
    [Fact]
    public async Task Endpoints_OfTheManagementApi_AllSayWhatTheyNeed()
    {
        await using var app = EmulatorHost.Build(new EmulatorOptions { Url = "http://127.0.0.1:0" });
        var endpoints = ((IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.RoutePattern.RawText!.StartsWith("/client/v4", StringComparison.Ordinal)).ToArray();

        Assert.True(endpoints.Length > 30);
        Assert.Equal([], endpoints.Where(endpoint => endpoint.Metadata.GetMetadata<PermissionNeed>() is null)
            .Select(endpoint => $"{string.Join(' ', endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? [])} {endpoint.RoutePattern.RawText} does not say what it .Requires(…)"));
    }
}
