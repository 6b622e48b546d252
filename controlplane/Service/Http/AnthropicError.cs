namespace GatewayOps.ControlPlane.Http;

/// <summary>An error in Anthropic's shape: `{"type":"error","error":{"type","message"}}`. Source: Anthropic's API reference, Errors.</summary>
public sealed record AnthropicError(string Type, AnthropicError.Body Error)
{
    public const string Path = "/v1/messages";

    /// <summary>Its own address, or one in Cloudflare's shape that ends so.</summary>
    public static bool IsAt(PathString path) => path.StartsWithSegments(Path) || (path.StartsWithSegments("/v1") && path.Value!.EndsWith(Path, StringComparison.Ordinal));

    public static AnthropicError Of(int status, string message) => new("error", new Body(TypeOf(status), message));

    private static string TypeOf(int status) => status switch
    {
        401 => "authentication_error",
        402 => "billing_error",
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        504 => "timeout_error",
        529 => "overloaded_error",
        >= 500 => "api_error",
        _ => "invalid_request_error",
    };

    public sealed record Body(string Type, string Message);
}
