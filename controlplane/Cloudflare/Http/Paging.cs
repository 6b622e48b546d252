using System.Runtime.CompilerServices;
using System.Text.Json;

namespace GatewayOps.Cloudflare.Http;

/// <summary>Lists page by page until one is empty, as the SDK does: `total_pages` may be missing. Source: Cloudflare contract, section 1.2.</summary>
internal static class Paging
{
    public static IAsyncEnumerable<T> ListAsync<T>(this Transport transport, Call call, int perPage, Func<JsonElement, T> read, CancellationToken cancellationToken) =>
        transport.ListAsync(call, perPage, root => root.Member("result"), read, cancellationToken);

    /// <summary>`items` finds the array in an envelope of another shape.</summary>
    public static async IAsyncEnumerable<T> ListAsync<T>(
        this Transport transport, Call call, int perPage, Func<JsonElement, JsonElement> items, Func<JsonElement, T> read, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var previous = "";
        for (var page = 1; ; page++)
        {
            var (text, found) = await transport.SendWholeAsync(call.Page(page, perPage), root => PageOf(items(root), read), cancellationToken);
            // The same page again: this list knows no pages, and was whole the first time.
            if (found.Count == 0 || text == previous) yield break;
            foreach (var item in found) yield return item;
            previous = text;
        }
    }

    /// <summary>A list without parameters for pages. Should its answer be full all the same, the next page is asked for.</summary>
    public static async IAsyncEnumerable<T> ListWholeAsync<T>(
        this Transport transport, Call call, Func<JsonElement, JsonElement> items, Func<JsonElement, T> read, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var previous = "";
        for (var page = 1; ; page++)
        {
            var asked = page == 1 ? call : call.And("page", page);
            var (text, found, full) = await transport.SendWholeAsync(asked, root =>
            {
                var (pageText, pageItems) = PageOf(items(root), read);
                var perPage = root.Member("data").Whole("per_page") ?? root.Member("result_info").Whole("per_page");
                return (pageText, pageItems, perPage > 0 && pageItems.Count >= perPage);
            }, cancellationToken);
            if (text == previous) yield break;
            foreach (var item in found) yield return item;
            if (!full) yield break;
            previous = text;
        }
    }

    private static (string Text, List<T> Items) PageOf<T>(JsonElement items, Func<JsonElement, T> read) => (items.GetRawText(), [.. items.EnumerateArray().Select(read)]);
}
