using System.Net;

namespace GatewayOps.ControlPlane.Http;

/// <summary>Where the service listens: the setting `urls` (`--urls`, ASPNETCORE_URLS), several separated by `;`.</summary>
public static class ListenUrls
{
    public const string Default = "http://127.0.0.1:8787";

    public static IReadOnlyList<string> Of(IConfiguration configuration) =>
        (configuration["urls"] ?? Default).Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>True when nobody off this machine can connect; decides whether running without tokens is allowed.</summary>
    public static bool AreLoopback(IConfiguration configuration) => Of(configuration).All(IsLoopback);

    // `*`, `+` and 0.0.0.0 listen on every interface; any other name may resolve to one.
    private static bool IsLoopback(string url)
    {
        var address = BindingAddress.Parse(url);
        return address.IsUnixPipe
            || address.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(address.Host, out var ip) && IPAddress.IsLoopback(ip));
    }
}
