using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using GatewayOps.ControlPlane.Storage;

namespace GatewayOps.ControlPlane.Ingestion;

/// <summary>
/// What a source says of one attempt, before it is known whether another source told of it already. Every text is fit for PostgreSQL: callers choose model, path and metadata, and one
/// U+0000 would stop the gateway's log for good.
/// </summary>
public sealed record Attempt
{
    /// <summary>The key within `cf-aig-metadata` under which the proxy sends its request id: `ID`, and `ID/2` for the second attempt.</summary>
    public const string RequestIdKey = "request_id";

    // Longer ones are nobody's: a key of a source has 26 to 49 characters, a model of the catalogue less than 100.
    private const int MostText = 1024;

    public required string Gateway { get; init; }
    public required string Source { get; init; }

    /// <summary>The source's own id.</summary>
    public required string Id { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public string? RequestId { get; init; }
    public int? Number { get; init; }
    public string Provider { get; init; } = "";
    public string Model { get; init; } = "";
    public string Path { get; init; } = "";
    public int? StatusCode { get; init; }
    public bool Success { get; init; }
    public bool Cached { get; init; }
    public double DurationMs { get; init; }
    public long? TokensIn { get; init; }
    public long? TokensOut { get; init; }
    public decimal? CostUsd { get; init; }

    /// <summary>Redacted and cut already; null where bodies are not asked for or not stored.</summary>
    public string? RequestBody { get; init; }
    public string? ResponseBody { get; init; }
    public bool BodiesCut { get; init; }

    /// <summary>The attempt whoever tells of it; without a request id what this source says, and no other.</summary>
    public Guid Key => RequestId is null ? OwnKey : Hash("request", Gateway, RequestId, (Number ?? 1).ToString(CultureInfo.InvariantCulture));

    /// <summary>For rows without a request id, and for the second row of one source that claims the same attempt.</summary>
    public Guid OwnKey => Hash(Source, Gateway, Id);

    /// <summary>Takes the request id apart: `ID` is the first attempt or of a proxy that did not number them, `ID/2` the second.</summary>
    public static (string? RequestId, int? Number) Claim(string? text)
    {
        if (text is not { Length: > 0 })
        {
            return (null, null);
        }

        var slash = text.LastIndexOf('/');
        return slash > 0 && text.Length - slash is 2 or 3 && text[slash + 1] is >= '1' and <= '9' && int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, null, out var number)
            ? (Text(text[..slash]), number)
            : (Text(text), 1);
    }

    /// <summary>Without U+0000 and halves of surrogate pairs, and not longer than anybody needs.</summary>
    public static string Text(string text)
    {
        var cut = text.Length <= MostText ? text : text[..MostText];
        return StoredText.Of(cut.AsSpan().ContainsAnyInRange('\ud800', '\udfff') ? Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(cut)) : cut);
    }

    // 128 bits of SHA-256 of the lines: whoever chooses request ids finds no two that meet. Once for each row: without memory of its own, but for the longest.
    private static Guid Hash(params ReadOnlySpan<string> lines)
    {
        var most = lines.Length;
        foreach (var line in lines)
        {
            most += Encoding.UTF8.GetMaxByteCount(line.Length);
        }

        Span<byte> text = most <= 1024 ? stackalloc byte[1024] : new byte[most];
        var length = 0;
        foreach (var line in lines)
        {
            if (length > 0)
            {
                text[length++] = (byte)'\n';
            }

            length += Encoding.UTF8.GetBytes(line, text[length..]);
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text[..length], hash);
        return new Guid(hash[..16]);
    }
}
