using System.Text.Json;
using GatewayOps.ControlPlane.Http;
using GatewayOps.ControlPlane.Proxy.Dialects;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>An error in OpenAI's shape: `{"error":{"message","type","param","code"}}`, all four always present.</summary>
public sealed record OpenAiError(int Status, string Type, string Code, string Message, string? Param = null)
{
    public static OpenAiError Invalid(string code, string message, string? param = null) =>
        new(StatusCodes.Status400BadRequest, "invalid_request_error", code, message, param);

    public static OpenAiError Unauthorized(string message) =>
        new(StatusCodes.Status401Unauthorized, "authentication_error", "unauthorized", message);

    public static OpenAiError TooLarge(long limit) => new(
        StatusCodes.Status413PayloadTooLarge, "invalid_request_error", "request_too_large",
        $"The request body is larger than {limit} bytes: send less, for instance smaller images or fewer messages.");

    public static OpenAiError NotJson(string? contentType) => new(
        StatusCodes.Status415UnsupportedMediaType, "invalid_request_error", "unsupported_media_type",
        contentType is null
            ? "The request body is compressed: send it as it is, without Content-Encoding."
            : "The request body must be JSON: send the header Content-Type: application/json.");

    public static OpenAiError NoWebSockets() => new(
        StatusCodes.Status501NotImplemented, "invalid_request_error", "websocket_unsupported",
        "This proxy does not pass WebSockets on: ask over HTTP with `stream`, or connect to the gateway itself.");

    public static OpenAiError Truncated() => new(
        StatusCodes.Status502BadGateway, "upstream_error", "stream_truncated", "The provider's answer ended before it was complete. What arrived is not whole: repeat the request.");

    /// <summary>The JSON body, UTF-8.</summary>
    public byte[] ToUtf8()
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteStartObject("error");
            writer.WriteString("message", Message);
            writer.WriteString("type", Type);
            writer.WriteString("param", Param);
            writer.WriteString("code", Code);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        return buffer.ToArray();
    }

    /// <summary>In the shape of the dialect that is spoken at the address of the request.</summary>
    public Task WriteAsync(HttpResponse response, CancellationToken cancellationToken)
    {
        var path = response.HttpContext.Request.Path;
        var dialect = response.HttpContext.Features.Get<ProxyExchange>()?.Address?.Dialect ?? Dialect.At(path) ?? (AnthropicError.IsAt(path) ? Dialect.Messages : null);
        var body = dialect?.ErrorBody(this) ?? ToUtf8();
        response.StatusCode = Status;
        response.ContentType = "application/json";
        response.ContentLength = body.Length;
        return response.Body.WriteAsync(body, cancellationToken).AsTask();
    }
}
