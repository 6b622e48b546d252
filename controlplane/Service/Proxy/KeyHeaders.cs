using System.Globalization;
using GatewayOps.ControlPlane.Usage;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>
/// `x-ratelimit-{limit,remaining,reset}-{requests,tokens}` of the caller's virtual key, on every answer; they take the place of the provider's own, which are those of the stored key. A reset
/// is written as OpenAI does: `120ms`, `6s`, `1m30s`, `2h0m0s`.
/// </summary>
internal static class KeyHeaders
{
    public static void Write(IHeaderDictionary headers, IReadOnlyList<KeyBalance> balances)
    {
        foreach (var balance in balances)
        {
            // Dollars have no header that clients know.
            if (balance.Kind != KeyAmounts.Usd)
            {
                headers[$"x-ratelimit-limit-{balance.Kind}"] = Whole(balance.Limit);
                headers[$"x-ratelimit-remaining-{balance.Kind}"] = Whole(balance.Remaining);
                headers[$"x-ratelimit-reset-{balance.Kind}"] = Duration(balance.Reset);
            }
        }
    }

    public static string Duration(TimeSpan span)
    {
        if (span < TimeSpan.FromSeconds(1))
        {
            return $"{(long)Math.Max(0, Math.Ceiling(span.TotalMilliseconds))}ms";
        }

        var seconds = (long)Math.Ceiling(span.TotalSeconds);
        return seconds < 60 ? $"{seconds}s" : seconds < 3600 ? $"{seconds / 60}m{seconds % 60}s" : $"{seconds / 3600}h{seconds / 60 % 60}m{seconds % 60}s";
    }

    private static string Whole(decimal amount) => Math.Floor(amount).ToString("0", CultureInfo.InvariantCulture);
}
