using System.Globalization;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>What tells a client whether, and when, to repeat a refused request.</summary>
internal static class RetryHeaders
{
    public static void After(IHeaderDictionary headers, TimeSpan wait) => headers.RetryAfter = Seconds(wait);

    /// <summary>Official clients repeat a 429 by themselves, unless they are told that it is of no use.</summary>
    public static void Never(IHeaderDictionary headers) => headers["x-should-retry"] = "false";

    /// <summary>Whole seconds, at least one.</summary>
    public static string Seconds(TimeSpan wait) => Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
}
