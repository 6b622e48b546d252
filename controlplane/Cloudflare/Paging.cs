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

    /// <summary>For calls whose result nobody reads.</summary>
    public static async Task SendAsync(this Transport transport, Call call, CancellationToken cancellationToken) =>
        await transport.SendAsync(call, _ => true, cancellationToken);

    /// <summary>Null when there is no such object.</summary>
    public static async Task<T?> FindAsync<T>(this Transport transport, Call call, Func<JsonElement, T> read, CancellationToken cancellationToken) where T : class
    {
        try
        {
            return await transport.SendAsync(call, read, cancellationToken);
        }
        catch (CloudflareException exception) when (exception.Kind == CloudflareErrorKind.NotFound)
        {
            return null;
        }
    }

    /// <summary>False when there was nothing to delete, also because an earlier attempt of this call had deleted it.</summary>
    public static async Task<bool> DeleteAsync(this Transport transport, Call call, CancellationToken cancellationToken)
    {
        try
        {
            await transport.SendAsync(call, cancellationToken);
            return true;
        }
        catch (CloudflareException exception) when (exception.Kind == CloudflareErrorKind.NotFound)
        {
            return false;
        }
    }
}
