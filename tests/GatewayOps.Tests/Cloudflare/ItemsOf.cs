using GatewayOps.Cloudflare;

namespace GatewayOps.Tests.Cloudflare;

internal static class ItemsOf
{
    /// <summary>A list to its end.</summary>
    public static async Task<List<T>> AllAsync<T>(this IAsyncEnumerable<T> items)
    {
        var all = new List<T>();
        await foreach (var item in items) all.Add(item);
        return all;
    }

    public static async Task<CloudflareException> FailureAsync(this Task call) => await Assert.ThrowsAsync<CloudflareException>(() => call);
}
