using System.Runtime.CompilerServices;
using System.Text.Json;

namespace GatewayOps.Cloudflare;

/// <summary>Lists page by page until one is empty, as the SDK does: `total_pages` may be missing. Source: Cloudflare contract, section 1.2.</summary>
internal static class Paging
{
    public static async IAsyncEnumerable<T> ListAsync<T>(
        this Transport transport, Endpoint endpoint, string path, string query, int perPage, Func<JsonElement, T> read, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var previous = "";
        for (var page = 1; ; page++)
        {
            var call = new Call(endpoint, $"{path}?page={page}&per_page={perPage}{query}");
            var (text, items) = await transport.SendAsync(call, result => (result.GetRawText(), result.EnumerateArray().Select(read).ToList()), cancellationToken);
            // The same page again: this list knows no pages, and was whole the first time.
            if (items.Count == 0 || text == previous) yield break;
            foreach (var item in items) yield return item;
            previous = text;
        }
    }
}
