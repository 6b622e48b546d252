namespace GatewayOps.Emulator.DataPlane;

/// <summary>Which headers of a request go on to the provider: all end-to-end ones but the gateway's own.</summary>
public static class ForwardedHeaders
{
    private static readonly HashSet<string> Held = new(StringComparer.OrdinalIgnoreCase)
    {
        // hop by hop (RFC 9110 7.6.1), and what the next connection makes itself
        "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
        "host", "content-length", "expect",
        // the gateway reads the answer, so it asks for it uncompressed
        "accept-encoding",
    };

    /// <summary>Whether the next connection makes this header itself.</summary>
    public static bool IsHeld(string name) => Held.Contains(name);

    public static IReadOnlyList<KeyValuePair<string, string>> Of(IHeaderDictionary headers, Caller caller)
    {
        string[] named = headers.Connection.Count == 0 ? [] : headers.Connection.ToString().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var forwarded = new List<KeyValuePair<string, string>>(headers.Count);
        foreach (var (name, values) in headers)
        {
            if (Held.Contains(name) || RequestDirectives.IsOwn(name) || (named.Length > 0 && named.Contains(name, StringComparer.OrdinalIgnoreCase)))
                continue;
            if (caller.InAuthorization && name.Equals("authorization", StringComparison.OrdinalIgnoreCase))
                continue;
            foreach (var value in values)
                if (value is not null)
                    forwarded.Add(new(name, value));
        }
        return forwarded;
    }
}
