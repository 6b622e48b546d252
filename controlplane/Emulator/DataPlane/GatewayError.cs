using System.Text.Json.Nodes;
using GatewayOps.Emulator.Upstreams;

namespace GatewayOps.Emulator.DataPlane;

/// <summary>An answer of the gateway itself (contract 13). Providers' errors are not among these: they pass as they are.</summary>
/// <param name="Code">Null where the contract knows no code.</param>
public sealed record GatewayError(int Status, int? Code, string Message)
{
    public static readonly GatewayError GatewayMissing = new(400, 2001, "Please configure AI Gateway in the Cloudflare dashboard");
    public static readonly GatewayError RateLimited = new(429, 2003, "Rate limited");
    public static readonly GatewayError NoAnswer = new(400, 2005, "Failed to get response from provider");
    public static readonly GatewayError ProviderUnknown = new(400, 2008, "Invalid provider");
    public static readonly GatewayError Unauthorized = new(401, 2009, "Unauthorized");
    public static readonly GatewayError BadChat = new(400, 2019, "Chat completion bad format");
    public static readonly GatewayError NoCredentials = new(400, null, "No provider credentials: send a provider key or store one for this gateway");
    public static readonly GatewayError NoSuchEndpoint = new(404, 7000, "No route for that URI");
    public static readonly GatewayError EmptyPool = new(404, 7003, "Model not found: no model of the pool is allowed and has credentials");
    public static readonly GatewayError NoUpgrade = new(426, null, "This address speaks WebSocket, or takes a POST with an array of steps");
    public static readonly GatewayError BodyTooLarge = new(413, null, "The request body is larger than 25 MB");

    public static GatewayError NoRealtime(string provider) => new(501, null, $"The emulator has no realtime session of '{provider}': it simulates openai, in text");

    public static GatewayError NoSuchRoute(string name) => new(404, 7003, $"Model not found: dynamic/{name}");

    public static GatewayError NoStoredKey(string provider, string alias, IEnumerable<string> known) =>
        new(400, 2040, $"Provider '{provider}' has no BYOK credential named '{alias}'. Configured aliases: {string.Join(", ", known)}");

    /// <summary>Where the fault is in the request: names and indexes, as the management API's validation tells it (contract 1.2).</summary>
    public IReadOnlyList<object>? Path { get; init; }

    public static GatewayError BadInput(string message, params object[] path) => new(400, 7001, message) { Path = path };

    /// <summary>A body of its own shape: policies answer so.</summary>
    public byte[]? OwnBody { get; init; }

    /// <summary>The list is called `error`, in the singular.</summary>
    public byte[] Body()
    {
        if (OwnBody is not null)
            return OwnBody;
        var item = new JsonObject();
        var body = new JsonObject { ["success"] = false, ["result"] = new JsonArray(), ["messages"] = new JsonArray(), ["error"] = new JsonArray(item) };
        if (Code is { } code)
            item["code"] = code;
        item["message"] = Message;
        if (Path is not null)
            item["path"] = new JsonArray([.. Path.Select(part => (JsonNode)(part is int index ? index : part.ToString()!))]);
        body["name"] = "AiGatewayError";
        body["httpCode"] = Status;
        if (Code is { } again)
            body["internalCode"] = again;
        return WireJson.Bytes(body);
    }

    public async Task WriteAsync(HttpResponse response, CancellationToken cancellationToken)
    {
        var body = Body();
        response.StatusCode = Status;
        response.ContentType = "application/json";
        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body, cancellationToken);
    }
}
