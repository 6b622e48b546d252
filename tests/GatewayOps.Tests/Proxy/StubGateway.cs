using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace GatewayOps.Tests.Proxy;

/// <summary>An upstream that does what one test says, for what no simulated provider does.</summary>
internal sealed class StubGateway : IAsyncDisposable
{
    private readonly WebApplication _app;

    private StubGateway(WebApplication app) => _app = app;

    public Uri BaseUrl => new(_app.Urls.First());

    /// <summary>Settings of a service in front of it.</summary>
    public Dictionary<string, string> Settings => new() { ["GatewayOps:Cloudflare:GatewayBaseUrl"] = BaseUrl.ToString() };

    public static async Task<StubGateway> StartAsync(RequestDelegate answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.Run(answer);
        await app.StartAsync();
        return new StubGateway(app);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
