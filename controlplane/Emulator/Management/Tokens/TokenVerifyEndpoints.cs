using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.Management.Tokens;

/// <summary>Token verify: a token asks about itself, whatever it may do (contract section 10).</summary>
public static class TokenVerifyEndpoints
{
    public static void MapTokenVerify(this IEndpointRouteBuilder api)
    {
        api.MapGet("/user/tokens/verify", (HttpContext context, Verifier verifier) => verifier.Verify(context, TokenOwner.User)).RequiresNothing().WithSummary("What the token that asks is").WithTags("Tokens");
        api.MapGet("/accounts/{accountId}/tokens/verify", (HttpContext context, Verifier verifier) => verifier.Verify(context, TokenOwner.Account)).RequiresNothing().WithSummary("What the token that asks is").WithTags("Tokens");
    }

    public sealed class Verifier(Admission admission, ManagementAccess access, EmulatorState state, EmulatorClock clock)
    {
        // A legacy key is a credential, but no token that could be verified.
        private static readonly Refusal NoToken = new(StatusCodes.Status401Unauthorized, new ApiError(1001, "Invalid API Token"));

        public IResult Verify(HttpContext context, TokenOwner owner)
        {
            if (admission.Crowded(context) is { } crowded)
                return crowded;
            if (context.Request.Headers.Authorization.Count == 0)
                return NoToken;
            if (ManagementAccess.BearerOf(context.Request) is not { } value)
                return Refusal.MalformedHeader(6111, "Invalid format for Authorization header");
            if (state.Tokens.FindByValue(value) is not { } token || (token.Owner != owner && !token.IsRoot))
                return NoToken;
            if ((admission.Throttle(context, access.PrincipalOf(token)) ?? admission.Enter(context)) is { } refusal)
                return refusal;
            var now = clock.GetUtcNow();
            // Disabled and expired tokens are told what they are; what is refused for its address or its youth is refused here too.
            if (state.Tokens.Check(value, context.Connection.RemoteIpAddress) is (null, var why and not TokenRefusal.Unusable))
                return ManagementAccess.RefusalOf(why, context);
            var status = token.StatusAt(now);
            return Envelope.Result(
                TokenJson.Verified(token, now),
                message: new ApiError(10000, $"This API Token is {(status == TokenStatus.Active ? "valid and active" : TokenJson.Status(token, now))}"));
        }
    }
}
