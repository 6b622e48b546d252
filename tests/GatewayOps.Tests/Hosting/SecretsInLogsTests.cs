using System.Net.Http.Headers;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Hosting;

public sealed class SecretsInLogsTests
{
    [Fact]
    public async Task Everything_AtTrace_ShowsNoSecret()
    {
        await using var service = await TestService.StartAsync(settings: new Dictionary<string, string>
        {
            ["Logging:LogLevel:Default"] = "Trace",
            ["Logging:LogLevel:Microsoft.AspNetCore"] = "Trace",
            ["GatewayOps:Operator:Token"] = "canary-operator",
            ["GatewayOps:Cloudflare:ApiToken"] = "canary-cloudflare",
            ["GatewayOps:Cloudflare:GatewayToken"] = "canary-gateway",
            ["GatewayOps:Proxy:AuthToken"] = "canary-proxy",
        });
        var client = service.NewClient("canary-operator");
        using var content = new StringContent("{}", new MediaTypeHeaderValue("application/json"));
        await client.PostAsync("/api/v1/content?name=x", content);
        await service.NewClient("canary-wrong").GetAsync("/api/v1/content");
        await service.Anonymous.GetAsync("/v1/models?auth_token=canary-proxy");
        await service.Anonymous.GetAsync("/nowhere?auth_token=canary-proxy");

        Assert.NotEmpty(service.Log.Lines);
        Assert.DoesNotContain("canary", service.Log.ToString());
    }
}
