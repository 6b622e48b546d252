using System.Text.Json;

namespace GatewayOps.Cloudflare.Http;

/// <summary>The forms of a call that several areas share.</summary>
internal static class Calls
{
    /// <summary>For calls whose result nobody reads.</summary>
    public static async Task SendAsync(this Transport transport, Call call, CancellationToken cancellationToken) =>
        await transport.SendAsync(call, _ => true, cancellationToken);

    /// <summary>Null when there is no such object.</summary>
    public static Task<T?> FindAsync<T>(this Transport transport, Call call, Func<JsonElement, T> read, CancellationToken cancellationToken) where T : class =>
        OrNull(transport.SendAsync(call, read, cancellationToken));

    public static async Task<T?> OrNull<T>(Task<T> call) where T : class
    {
        try
        {
            return await call;
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
