using System.Text;
using System.Text.Json.Nodes;

namespace GatewayOps.Emulator.Upstreams;

/// <summary>Errors in the shape of the OpenAI API: `{"error":{"message","type","param","code"}}`.</summary>
public static class UpstreamErrors
{
    public static UpstreamReply BadRequest(string message, string? param = null, string? code = null) =>
        Error(400, message, "invalid_request_error", param, code);

    public static UpstreamReply KeyMissing() => Error(
        401, "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth.", "invalid_request_error");

    /// <summary>The key is not repeated, not even in part.</summary>
    public static UpstreamReply KeyRefused() => Error(401, "Incorrect API key provided.", "invalid_request_error", code: "invalid_api_key");

    public static UpstreamReply ModelUnknown(string model) => Error(
        404, $"The model `{model}` does not exist or you do not have access to it.", "invalid_request_error", code: "model_not_found");

    public static UpstreamReply PathUnknown(string method, string path) =>
        Error(404, $"Invalid URL ({method} {path})", "invalid_request_error");

    public static UpstreamReply Faulty(int status, UpstreamFault fault)
    {
        KeyValuePair<string, string>[] headers = fault.RetryAfterSeconds is { } seconds ? [new("retry-after", seconds.ToString())] : [];
        if (fault.Body is { } body)
            return UpstreamReply.Json(status, Encoding.UTF8.GetBytes(body), headers);
        return status switch
        {
            429 => Error(status, "Rate limit reached for requests.", "requests", code: "rate_limit_exceeded", headers: headers),
            >= 500 => Error(status, "The server had an error while processing your request.", "server_error", headers: headers),
            _ => Error(status, "The request was refused.", "invalid_request_error", headers: headers),
        };
    }

    private static UpstreamReply Error(
        int status, string message, string type, string? param = null, string? code = null, KeyValuePair<string, string>[]? headers = null)
    {
        var body = new JsonObject
        {
            ["error"] = new JsonObject { ["message"] = message, ["type"] = type, ["param"] = param, ["code"] = code },
        };
        return UpstreamReply.Json(status, WireJson.Bytes(body), headers ?? []);
    }
}
