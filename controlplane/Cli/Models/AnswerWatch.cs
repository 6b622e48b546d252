namespace GatewayOps.Cli.Models;

/// <summary>Sees of each answer whether it came from a cache, which the client library does not tell. For one caller that asks one thing at a time.</summary>
internal sealed class AnswerWatch : DelegatingHandler
{
    private AnswerWatch(HttpMessageHandler inner) : base(inner)
    {
    }

    /// <summary>The last answer came from the gateway's or the proxy's cache.</summary>
    public bool IsCached { get; private set; }

    /// <summary>A connection for <paramref name="target"/>. A service is asked without the web proxy of this machine, as by the other verbs.</summary>
    public static (HttpClient Http, AnswerWatch Watch) Connect(ModelTarget target)
    {
        var watch = new AnswerWatch(new SocketsHttpHandler { UseProxy = target.Service is null, AllowAutoRedirect = false, UseCookies = false });
        return (new HttpClient(watch) { Timeout = Timeout.InfiniteTimeSpan }, watch);
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        IsCached = Array.Exists(["x-gatewayops-cache", "cf-aig-cache-status"], name => response.Headers.TryGetValues(name, out var values) && values.Contains("HIT", StringComparer.OrdinalIgnoreCase));
        return response;
    }
}
