using System.Text.RegularExpressions;

namespace GatewayOps.Emulator.Management;

/// <summary>Who asks (contract sections 1.1 and 1.3): an API token, or the legacy e-mail and key.</summary>
public static partial class ManagementAccess
{
    /// <summary>The credential's name for the rate limit, or the answer that refuses the request.</summary>
    public static (string? Credential, IResult? Refusal) Check(HttpRequest request, EmulatorOptions options)
    {
        var headers = request.Headers;
        if (headers.Authorization is [{ } authorization, ..])
        {
            if (!BearerFormat().IsMatch(authorization))
                return Refuse(StatusCodes.Status400BadRequest, new ApiError(6003, "Invalid request headers") { Chain = [new ApiError(6111, "Invalid format for Authorization header")] });
            return authorization["Bearer ".Length..] == options.ApiToken
                ? (options.ApiToken, null)
                : Refuse(StatusCodes.Status401Unauthorized, new ApiError(10000, "Authentication error"));
        }
        var (email, key) = (headers["X-Auth-Email"].ToString(), headers["X-Auth-Key"].ToString());
        if (email.Length == 0 || key.Length == 0)
            return Refuse(StatusCodes.Status401Unauthorized, new ApiError(9106, "Missing X-Auth-Key, X-Auth-Email or Authorization headers"));
        if (!KeyFormat().IsMatch(key))
            return Refuse(StatusCodes.Status400BadRequest, new ApiError(6003, "Invalid request headers") { Chain = [new ApiError(6103, "Invalid format for X-Auth-Key header")] });
        return (email, key) == (options.ApiEmail, options.ApiKey)
            ? (options.ApiEmail, null)
            : Refuse(StatusCodes.Status403Forbidden, new ApiError(9109, "Unauthorized to access requested resource"));
    }

    /// <summary>True for an id that an account could have; another cannot be routed.</summary>
    public static bool IsAccountId(string id) => AccountFormat().IsMatch(id);

    private static (string? Credential, IResult Refusal) Refuse(int status, ApiError error) => (null, Envelope.Failure(status, error));

    [GeneratedRegex("^Bearer [A-Za-z0-9._~+/=-]+$", RegexOptions.NonBacktracking)]
    private static partial Regex BearerFormat();

    [GeneratedRegex("^[0-9a-f]{37,45}$", RegexOptions.NonBacktracking)]
    private static partial Regex KeyFormat();

    [GeneratedRegex("^[0-9a-z-]{1,64}$", RegexOptions.NonBacktracking)]
    private static partial Regex AccountFormat();
}
