using System.Text.Json.Nodes;

namespace GatewayOps.Emulator.Management.Tokens;

/// <summary>Token verify, for user-owned and account-owned tokens (contract section 10).</summary>
public static class TokenEndpoints
{
    private const string TokenId = "ed17574386854bf78a67040be0a770b0";

    public static void MapTokens(this IEndpointRouteBuilder api)
    {
        api.MapGet("/user/tokens/verify", (HttpContext context) => Verify(context, accountId: null));
        api.MapGet("/accounts/{accountId}/tokens/verify", (HttpContext context, string accountId) => Verify(context, accountId));
    }

    private static IResult Verify(HttpContext context, string? accountId)
    {
        var (credential, refusal) = ManagementAccess.Check(context.Request, context.RequestServices.GetRequiredService<EmulatorOptions>());
        if (refusal is IStatusCodeHttpResult { StatusCode: StatusCodes.Status400BadRequest })
            return refusal;
        // A legacy key is a credential, but no token that could be verified.
        if (credential is null || context.Request.Headers.Authorization.Count == 0)
            return Envelope.Failure(StatusCodes.Status401Unauthorized, new ApiError(1001, "Invalid API Token"));
        return context.Throttle(credential)
            ?? (accountId is null ? null : context.Enter(accountId))
            ?? Envelope.Result(
                new JsonObject { ["id"] = TokenId, ["status"] = "active" },
                message: new ApiError(10000, "This API Token is valid and active"));
    }
}
