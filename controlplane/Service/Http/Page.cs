using System.Buffers.Text;
using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;

namespace GatewayOps.ControlPlane.Http;

/// <summary>The page that a caller of a list asks for: `?limit=&amp;cursor=`. Cursors are opaque: what follows the last item of the page before.</summary>
public sealed record Page(int Limit, string? After)
{
    public const int DefaultLimit = 50;
    public const int MaxLimit = 200;

    public static (Page? Page, ProblemHttpResult? Refusal) Of(int? limit, string? cursor)
    {
        if (limit is < 1 or > MaxLimit)
        {
            return (null, Problem.BadRequest("limit_out_of_range", $"limit must be 1 to {MaxLimit}."));
        }

        var after = cursor is null ? null : Decode(cursor);
        return cursor is not null && after is null
            ? (null, Foreign())
            : (new Page(limit ?? DefaultLimit, after), null);
    }

    /// <summary>The refusal of a cursor that this list did not give.</summary>
    public static ProblemHttpResult Foreign() => Problem.BadRequest("cursor_invalid", "cursor must be the `next` of an earlier page, unchanged.");

    /// <summary>Splits what was read with one item more than the limit: the items of this page, and the cursor of the next or null at the end.</summary>
    public (IReadOnlyList<T> Items, string? Next) Cut<T>(IReadOnlyList<T> read, Func<T, string> key) =>
        read.Count <= Limit ? (read, null) : ([.. read.Take(Limit)], Encode(key(read[Limit - 1])));

    private static string Encode(string key) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(key));

    private static string? Decode(string cursor)
    {
        try
        {
            var key = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(Base64Url.DecodeFromChars(cursor));
            // PostgreSQL has no NUL in texts.
            return key.Contains('\0') ? null : key;
        }
        catch (Exception e) when (e is FormatException or DecoderFallbackException)
        {
            return null;
        }
    }
}
