using System.Text.RegularExpressions;
using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.Management;

/// <summary>Who asks (contract sections 1.1 and 1.3): an API token, the legacy e-mail and key, or a service key that no endpoint here takes.</summary>
public sealed partial class ManagementAccess(EmulatorState state, EmulatorOptions options)
{
    /// <summary>The caller, or the answer that refuses him.</summary>
    public (Principal? Caller, Refusal? Refusal) Authenticate(HttpContext context)
    {
        var headers = context.Request.Headers;
        if (headers.Authorization.Count > 0)
            return OfToken(context);
        if (headers["X-Auth-User-Service-Key"].Count > 0)
            return (null, Refusal.WrongCredentials);
        var (email, key) = (headers["X-Auth-Email"].ToString(), headers["X-Auth-Key"].ToString());
        if (email.Length == 0 || key.Length == 0)
            return (null, Refusal.NoCredentials);
        if (!KeyFormat().IsMatch(key))
            return (null, Refusal.MalformedHeader(6103, "Invalid format for X-Auth-Key header"));
        return (email, key) == (options.ApiEmail, options.ApiKey) ? (new Principal(UserBudget, Token: null), null) : (null, Refusal.WrongCredentials);
    }

    /// <summary>The bearer value of a well-formed `Authorization` header; null when it is not.</summary>
    public static string? BearerOf(HttpRequest request) =>
        request.Headers.Authorization is [{ } authorization, ..] && BearerFormat().IsMatch(authorization) ? authorization["Bearer ".Length..] : null;

    /// <summary>What a token that may not be used now is told.</summary>
    public static Refusal RefusalOf(TokenRefusal refusal, HttpContext context) => refusal switch
    {
        TokenRefusal.WrongAddress => new Refusal(
            StatusCodes.Status403Forbidden, new ApiError(9109, $"Cannot use the access token from location: {context.Connection.RemoteIpAddress}")),
        TokenRefusal.NotEverywhereYet => Refusal.NotGranted,
        _ => Refusal.Unauthenticated,
    };

    /// <summary>True for an id that an account could have; another cannot be routed.</summary>
    public static bool IsAccountId(string id) => AccountFormat().IsMatch(id);

    public Principal PrincipalOf(TokenState token) => new(token.Owner == TokenOwner.User ? UserBudget : $"token {token.Id}", token);

    private string UserBudget => $"user {options.UserId}";

    private (Principal? Caller, Refusal? Refusal) OfToken(HttpContext context)
    {
        if (BearerOf(context.Request) is not { } value)
            return (null, Refusal.MalformedHeader(6111, "Invalid format for Authorization header"));
        var (token, refusal) = state.Tokens.Check(value, context.Connection.RemoteIpAddress);
        return token is null ? (null, RefusalOf(refusal, context)) : (PrincipalOf(token), null);
    }

    [GeneratedRegex("^Bearer [A-Za-z0-9._~+/=-]+$", RegexOptions.NonBacktracking)]
    private static partial Regex BearerFormat();

    [GeneratedRegex("^[0-9a-f]{37,45}$", RegexOptions.NonBacktracking)]
    private static partial Regex KeyFormat();

    [GeneratedRegex(@"^[0-9a-z-]{1,64}\z", RegexOptions.NonBacktracking)]
    private static partial Regex AccountFormat();
}
