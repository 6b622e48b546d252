using GatewayOps.Emulator.Management.CustomProviders;
using GatewayOps.Emulator.Management.Gateways;
using GatewayOps.Emulator.Management.Logs;
using GatewayOps.Emulator.Management.ProviderConfigs;
using GatewayOps.Emulator.Management.Routes;
using GatewayOps.Emulator.Management.SecretsStore;
using GatewayOps.Emulator.Management.Tokens;
using GatewayOps.Emulator.State;
using Microsoft.AspNetCore.Http.Features;

namespace GatewayOps.Emulator.Management;

/// <summary>What the management API adds to the host: its services and its routes under `/client/v4`.</summary>
public static class ManagementFeature
{
    public static IServiceCollection AddManagement(this IServiceCollection services) => services
        .AddSingleton<ManagementRateLimit>()
        .AddRoutes();

    public static WebApplication MapManagement(this WebApplication app)
    {
        app.UseWhen(context => context.Request.Path.StartsWithSegments("/client/v4"), management => management.UseMiddleware<ManagementInterference>());
        var api = app.MapGroup("/client/v4");
        api.MapTokens();
        var account = api.MapAccountGroup();
        account.MapGateways();
        account.MapLogs();
        account.MapProviderConfigs();
        account.MapCustomProviders();
        account.MapRoutes();
        account.MapSecretsStore();
        api.MapFallback("{**path}", (HttpRequest request) => Envelope.Unrouted(request.Path.Value!["/client/v4".Length..]));
        return app;
    }

    /// <summary>A group at `/accounts/{accountId}` behind credentials, rate limit and the account check; its handlers take `context.Account()`.</summary>
    public static RouteGroupBuilder MapAccountGroup(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/accounts/{accountId}");
        group.AddEndpointFilter(async (invocation, next) =>
        {
            var context = invocation.HttpContext;
            return Admit(context) ?? await next(invocation);
        });
        return group;
    }

    /// <summary>The account that the request was admitted to.</summary>
    public static AccountState Account(this HttpContext context) => context.Features.GetRequiredFeature<AccountState>();

    /// <summary>Null when the request may go on; otherwise the answer that refuses it.</summary>
    private static IResult? Admit(HttpContext context)
    {
        var (credential, refusal) = ManagementAccess.Check(context.Request, context.RequestServices.GetRequiredService<EmulatorOptions>());
        if (credential is null)
            return refusal;
        return context.Throttle(credential) ?? context.Enter(context.Request.RouteValues["accountId"]!.ToString()!);
    }

    internal static IResult? Throttle(this HttpContext context, string credential)
    {
        var options = context.RequestServices.GetRequiredService<EmulatorOptions>();
        var verdict = context.RequestServices.GetRequiredService<ManagementRateLimit>().Take(credential);
        var seconds = (long)Math.Ceiling(verdict.Reset.TotalSeconds);
        var headers = context.Response.Headers;
        headers["Ratelimit"] = $"\"default\";r={verdict.Remaining};t={seconds}";
        headers["Ratelimit-Policy"] = $"\"burst\";q={options.RequestsPerFiveMinutes};w={ManagementRateLimit.Window.TotalSeconds}";
        if (verdict.Allowed)
            return null;
        headers.RetryAfter = seconds.ToString();
        // The contract does not know the code of this error: the status says it.
        return Envelope.Failure(StatusCodes.Status429TooManyRequests, new ApiError(
            Code: null, $"More than {options.RequestsPerFiveMinutes} requests per 300 seconds reached. Please wait and consider throttling your request speed"));
    }

    internal static IResult? Enter(this HttpContext context, string accountId)
    {
        if (context.RequestServices.GetRequiredService<EmulatorState>().FindAccount(accountId) is { } account)
        {
            context.Features.Set(account);
            return null;
        }
        return ManagementAccess.IsAccountId(accountId)
            ? Envelope.Failure(StatusCodes.Status403Forbidden, new ApiError(10000, "Authentication error"))
            : Envelope.Unrouted(context.Request.Path.Value!["/client/v4".Length..]);
    }
}
