namespace GatewayOps.Emulator.DataPlane.WebSockets;

/// <summary>
/// What a browser says in `Sec-WebSocket-Protocol`, because it cannot send headers (contract 14): `cf-aig-authorization.{token}` for the gateway, and
/// OpenAI's `openai-insecure-api-key.{key}` for the provider.
/// </summary>
public static class SocketAuthorization
{
    private const string Gateway = "cf-aig-authorization.";
    private const string OpenAi = "openai-insecure-api-key.";

    /// <summary>The request's headers, with what its subprotocols say where a header does not.</summary>
    public static IHeaderDictionary Headers(HttpRequest request)
    {
        IHeaderDictionary headers = new HeaderDictionary();
        foreach (var (name, value) in request.Headers)
            if (!name.StartsWith("Sec-WebSocket-", StringComparison.OrdinalIgnoreCase))
                headers[name] = value;
        foreach (var protocol in Offered(request))
        {
            if (protocol.StartsWith(Gateway, StringComparison.Ordinal) && !headers.ContainsKey("cf-aig-authorization"))
                headers["cf-aig-authorization"] = "Bearer " + protocol[Gateway.Length..];
            if (protocol.StartsWith(OpenAi, StringComparison.Ordinal) && headers.Authorization.Count == 0)
                headers.Authorization = "Bearer " + protocol[OpenAi.Length..];
        }
        return headers;
    }

    /// <summary>A browser gives up when it offered protocols and none is chosen. One without a secret in it is preferred.</summary>
    public static string? Accepted(HttpRequest request)
    {
        string[] offered = [.. Offered(request)];
        return Array.Find(offered, protocol => !protocol.StartsWith(Gateway, StringComparison.Ordinal) && !protocol.StartsWith(OpenAi, StringComparison.Ordinal))
            ?? offered.FirstOrDefault();
    }

    private static IEnumerable<string> Offered(HttpRequest request) =>
        request.Headers.SecWebSocketProtocol.ToString().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
