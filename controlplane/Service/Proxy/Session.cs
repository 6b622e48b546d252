namespace GatewayOps.ControlPlane.Proxy;

/// <summary>The session that a request belongs to, for records: X-SESSION-ID before the cookie session_id. Never a label.</summary>
internal static class Session
{
    private const int MaxLength = 200;

    /// <summary>Null where none is given, and for one that is too long or holds control characters.</summary>
    public static string? Of(HttpRequest request)
    {
        var id = request.Headers["X-SESSION-ID"].ToString() is { Length: > 0 } header ? header : request.Headers.Cookie.Count > 0 ? request.Cookies["session_id"] : null;
        return id is { Length: > 0 and <= MaxLength } && !id.Any(char.IsControl) ? id : null;
    }
}
