using System.IO.Enumeration;

namespace GatewayOps.Emulator.Admin;

/// <summary>What goes wrong with the next matching management requests.</summary>
public sealed record ManagementFault
{
    /// <summary>Glob over the path, with or without `/client/v4`: `*` is any text, `?` one character.</summary>
    public required string Path { get; init; }

    /// <summary>Null = every method.</summary>
    public string? Method { get; init; }

    /// <summary>Answer this status with an error envelope.</summary>
    public int? Status { get; init; }

    /// <summary>Value of the Retry-After header: seconds or a date.</summary>
    public string? RetryAfter { get; init; }

    /// <summary>With <see cref="Status"/>: the call takes effect all the same, as a gateway that was made although its create timed out.</summary>
    public bool Effect { get; init; }

    /// <summary>The call takes effect and the connection is cut before the answer.</summary>
    public bool DropResponse { get; init; }

    /// <summary>Real milliseconds before anything happens, 0–60 000.</summary>
    public int DelayMs { get; init; }

    /// <summary>Requests to hit; null = until cleared.</summary>
    public int? Times { get; init; }

    /// <summary>Null when the fault makes sense; otherwise what does not.</summary>
    public string? Problem() => this switch
    {
        { Path.Length: 0 or > 500 } => "path: 1 to 500 characters.",
        { Status: < 200 or > 599 } => "status: 200 to 599.",
        { Times: < 1 } => "times: 1 or more; absent = until cleared.",
        { DelayMs: < 0 or > 60_000 } => "delayMs: 0 to 60000.",
        { RetryAfter: { } text } when text.Any(char.IsControl) || !System.Text.Ascii.IsValid(text) => "retryAfter: printable ASCII.",
        { Status: null, DropResponse: false, DelayMs: 0 } => "One of status, dropResponse and delayMs is needed.",
        _ => null,
    };

    public bool Matches(string method, string path) =>
        (Method is null || string.Equals(Method, method, StringComparison.OrdinalIgnoreCase))
        && (FileSystemName.MatchesSimpleExpression(Path, path, ignoreCase: false)
            || FileSystemName.MatchesSimpleExpression(Path, path.AsSpan("/client/v4".Length), ignoreCase: false));
}
