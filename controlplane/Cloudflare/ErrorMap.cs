using static GatewayOps.Cloudflare.CloudflareErrorKind;

namespace GatewayOps.Cloudflare;

/// <summary>
/// The one place where status, code and message text become a <see cref="CloudflareErrorKind"/>: the first row that fits wins.
/// Source: Cloudflare contract, sections 1.3, 4.1, 9, 13, 15 and 16.
/// </summary>
public static class ErrorMap
{
    /// <summary>Null fits anything. `Text` is looked for in the message and in a code that is a word, without regard to case, `_` read as a space. `Passes`: gone by itself in a moment.</summary>
    public sealed record Row(int? Status, int? Code, string? Text, CloudflareErrorKind Kind, bool Passes = false);

    public static IReadOnlyList<Row> Rows { get; } =
    [
        // The day's free neurons are used up, or a spend limit is: nothing that passes in a moment, and no reason to hold other calls.
        new(null, 3036, null, RateLimited),
        new(null, 2041, null, RateLimited),
        new(429, null, null, RateLimited, Passes: true),
        new(null, 6003, null, Authentication),
        new(null, 6103, null, Authentication),
        new(null, 6111, null, Authentication),
        new(null, 9106, null, Authentication),
        new(null, 9109, null, Authentication),
        new(403, 10000, null, Permission),
        new(null, 10000, null, Authentication),
        new(401, 1001, null, Authentication),
        // A wrong account or path, not an absent object: "not found" here would make a caller create what exists elsewhere.
        new(null, 7003, "Model not found", NotFound),
        new(null, 7003, null, Validation),
        new(null, 7000, null, Validation),
        new(null, 7001, "already exists", AlreadyExists),
        // A secret stays pending for a moment after its creation; until then a provider config cannot refer to it.
        new(null, 7001, "was not found", NotFound, Passes: true),
        new(null, 7001, null, Validation),
        new(null, 7002, null, NotFound),
        new(null, 7005, "already exists", AlreadyExists),
        new(null, 7005, "not found", NotFound),
        new(null, 1001, "not found", NotFound),
        new(null, 1001, null, Validation),
        new(null, 1003, "already exists", AlreadyExists),
        // One store per account: the account's store is there already.
        new(null, 1003, "maximum stores exceeded", AlreadyExists),
        new(null, 1000, "NotFound", NotFound),
        new(null, 1000, "NO MANUAL TOPUP", NotFound),
        new(500, null, "UNIQUE constraint failed", AlreadyExists),
        // Workers AI (section 16).
        new(null, 5007, null, NotFound),
        new(null, 3042, null, NotFound),
        new(null, 5004, null, Validation),
        new(null, 3039, null, Validation),
        new(null, 3003, null, Validation),
        new(null, 5018, null, Permission),
        new(null, 5016, null, Permission),
        new(null, 3023, null, Permission),
        new(null, 3041, null, Permission),
        new(null, 5019, null, Validation),
        new(null, 5005, null, Validation),
        new(null, 3006, null, Validation),
        new(null, 5021, null, Validation),
        new(null, 3007, null, CloudflareErrorKind.Timeout, Passes: true),
        new(null, 3008, null, CloudflareErrorKind.Timeout, Passes: true),
        new(null, 3040, null, RateLimited, Passes: true),
        // A gateway's data plane, reached by way of the API (section 13).
        new(null, 2001, null, NotFound),
        new(503, 7013, null, Server, Passes: true),
        // GraphQL says it with the status 200 (section 15).
        new(200, null, "time range", Validation),
        new(200, null, "older than", Validation),
        new(200, null, "authz", Permission),
        new(200, null, "budget", RateLimited, Passes: true),
        new(409, null, "already exists", AlreadyExists),
        new(400, null, null, Validation),
        new(401, null, null, Authentication),
        new(403, null, null, Permission),
        new(404, null, null, NotFound),
        new(408, null, null, CloudflareErrorKind.Timeout, Passes: true),
        new(409, null, null, Conflict),
    ];

    private static readonly Row Refused = new(null, null, null, Validation);
    private static readonly Row Failed = new(null, null, null, Server, Passes: true);
    private static readonly Row Unexpected = new(null, null, null, Protocol);

    /// <summary>The row that decides. A status without a row: 5xx is Server, other 4xx and a 2xx that says `success:false` Validation, 1xx and 3xx Protocol.</summary>
    public static Row Find(int status, IReadOnlyList<CloudflareError> errors)
    {
        foreach (var row in Rows)
            if (Fits(row, status, errors)) return row;
        return status switch { >= 500 => Failed, (>= 200 and < 300) or >= 400 => Refused, _ => Unexpected };
    }

    private static bool Fits(Row row, int status, IReadOnlyList<CloudflareError> errors)
    {
        if (row.Status is { } wanted && wanted != status) return false;
        return row is { Code: null, Text: null } || errors.Any(error =>
            (row.Code is null || row.Code == error.Code) &&
            (row.Text is null || Says(error.Message, row.Text) || Says(error.Name, row.Text)));
    }

    private static bool Says(string? said, string text) => said?.Replace('_', ' ').Contains(text, StringComparison.OrdinalIgnoreCase) == true;
}
