using GatewayOps.Emulator.State;
using Microsoft.AspNetCore.Http.Features;

namespace GatewayOps.Emulator.Management;

/// <summary>
/// What stands before every endpoint of the management API, in this order: the address's limit, the credentials, the caller's budget, the account, the
/// permissions that the endpoint declares (contract sections 1.1 to 1.4).
/// </summary>
public sealed class Admission(ManagementAccess access, ManagementRateLimit limit, EmulatorState state, EmulatorOptions options)
{
    /// <summary>Null when the request may go on, with <see cref="Admissions.Caller"/> and, below `/accounts`, <see cref="Admissions.Account"/> set.</summary>
    public Refusal? Admit(HttpContext context)
    {
        if (Crowded(context) is { } crowded)
            return crowded;
        var (caller, refusal) = access.Authenticate(context);
        if (caller is null)
            return refusal;
        context.Features.Set(caller);
        return Throttle(context, caller) ?? Enter(context) ?? Permit(context, caller);
    }

    /// <summary>The limit of requests per second of one address.</summary>
    public Refusal? Crowded(HttpContext context)
    {
        if (limit.AdmitsAddress(context.Connection.RemoteIpAddress))
            return null;
        context.Response.Headers.RetryAfter = "1";
        return TooMany($"More than {options.RequestsPerSecondPerAddress} requests per second from one address");
    }

    /// <summary>Counts the request, and says in headers what is left.</summary>
    public Refusal? Throttle(HttpContext context, Principal caller)
    {
        var budget = context.GetEndpoint()!.Metadata.OfType<ApiBudget>().LastOrDefault();
        if (budget == ApiBudget.Inference && !options.Assumptions.InferenceCountsAsApiRequests)
            return null;
        budget = budget == ApiBudget.Inference ? ApiBudget.Rest : budget;
        var quota = limit.QuotaOf(budget);
        var verdict = limit.Take(budget, caller.Budget);
        var seconds = (long)Math.Ceiling(verdict.Reset.TotalSeconds);
        var headers = context.Response.Headers;
        headers["Ratelimit"] = $"\"default\";r={verdict.Remaining};t={seconds}";
        headers["Ratelimit-Policy"] = $"\"burst\";q={quota};w={ManagementRateLimit.Window.TotalSeconds}";
        if (verdict.Allowed)
            return null;
        headers.RetryAfter = seconds.ToString();
        return TooMany($"More than {quota} requests per 300 seconds reached. Please wait and consider throttling your request speed");
    }

    /// <summary>Finds the account of the path. A path without one needs none.</summary>
    public Refusal? Enter(HttpContext context)
    {
        if (context.Request.RouteValues["accountId"]?.ToString() is not { } accountId)
            return null;
        if (state.FindAccount(accountId) is { } account)
        {
            context.Features.Set(account);
            return null;
        }
        return ManagementAccess.IsAccountId(accountId) ? Refusal.NotGranted : Envelope.Unrouted(context.Request.Path.Value!["/client/v4".Length..], options.Assumptions);
    }

    private Refusal? Permit(HttpContext context, Principal caller)
    {
        foreach (var need in context.GetEndpoint()!.Metadata.GetOrderedMetadata<PermissionNeed>())
        {
            if (need.When?.Invoke(options.Assumptions) == false || need.For(context.Request.Method) is not { } permission)
                continue;
            var resource = permission.Scope == Permission.UserScope
                ? $"{Permission.UserScope}.{options.UserId}"
                : $"{Permission.AccountScope}.{context.Account().Id}";
            if (!caller.Grants(permission, resource))
                return Refusal.NotGranted with { Status = need.RefusedStatus };
        }
        return null;
    }

    // The contract does not know the code of this error: the status says it.
    private static Refusal TooMany(string message) => new(StatusCodes.Status429TooManyRequests, new ApiError(Code: null, message));
}

/// <summary>Groups of endpoints behind <see cref="Admission"/>, and what their handlers learn from it.</summary>
public static class Admissions
{
    /// <summary>A group at `/accounts/{accountId}`; its handlers take `context.Account()`.</summary>
    public static RouteGroupBuilder MapAccountGroup(this IEndpointRouteBuilder api) => api.MapGroup("/accounts/{accountId}").Admitted();

    /// <summary>A group at `/user`.</summary>
    public static RouteGroupBuilder MapUserGroup(this IEndpointRouteBuilder api) => api.MapGroup("/user").Admitted();

    /// <summary>Lets through only who is admitted; others are answered in the envelope.</summary>
    public static RouteGroupBuilder Admitted(this RouteGroupBuilder group)
    {
        group.AddEndpointFilter(async (invocation, next) =>
        {
            var context = invocation.HttpContext;
            return context.RequestServices.GetRequiredService<Admission>().Admit(context) is { } refusal ? refusal : await next(invocation);
        });
        return group;
    }

    /// <summary>The account that the request was admitted to.</summary>
    public static AccountState Account(this HttpContext context) => context.Features.GetRequiredFeature<AccountState>();

    /// <summary>Who was admitted.</summary>
    public static Principal Caller(this HttpContext context) => context.Features.GetRequiredFeature<Principal>();
}
