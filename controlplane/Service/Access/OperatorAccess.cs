using System.Security.Claims;
using GatewayOps.ControlPlane.Http;
using GatewayOps.ControlPlane.Storage;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Access;

/// <summary>Who may use the operator API: `endpoints.MapGroup("/api/v1").RequireOperator(OperatorScope.Read)`; an endpoint may ask for more than its group.</summary>
public static class OperatorAccess
{
    private const string Policy = "operator.";

    public static IServiceCollection AddOperatorAccess(this IServiceCollection services)
    {
        // Strict: the binder would drop a token with a misspelt scope or member, without a word.
        services.AddOptions<OperatorOptions>().BindConfiguration(OperatorOptions.Section, binder => binder.ErrorOnUnknownConfiguration = true).ValidateOnStart();
        services.AddSingleton<IValidateOptions<OperatorOptions>, OperatorOptionsValidator>();
        services.AddOptions<OperatorOptions>().Validate<IConfiguration>(
            (options, configuration) => options.Token is not null || options.Tokens.Count > 0 || ListenUrls.AreLoopback(configuration),
            "No operator token is configured, and the service would listen beyond this machine: set GATEWAYOPS_OPERATOR_TOKEN, or listen on http://127.0.0.1:8787 (--urls)");
        services.AddSingleton<OperatorTokens>();
        services.AddSingleton<VirtualKeys>();
        services.AddSingleton<TokenStore>();
        services.AddSingleton<IssuedTokens>();
        services.AddHostedService(provider => provider.GetRequiredService<IssuedTokens>());
        services.AddSingleton<AccessMetrics>();
        services.AddHostedService<OpenAccessWarning>();
        // The core of authentication only: AddAuthentication brings data protection along, which writes keys to disk that nothing here uses.
        services.AddWebEncoders();
        services.AddTransient<OperatorAuthentication>();
        services.AddAuthenticationCore(authentication =>
        {
            authentication.DefaultScheme = OperatorAuthentication.Scheme;
            authentication.AddScheme<OperatorAuthentication>(OperatorAuthentication.Scheme, displayName: null);
        });
        services.AddSingleton<IAuthorizationPolicyProvider, OperatorPolicies>();
        var authorization = services.AddAuthorizationBuilder();
        foreach (var scope in Enum.GetValues<OperatorScope>())
        {
            authorization.AddPolicy(Policy + scope, policy => policy
                .AddAuthenticationSchemes(OperatorAuthentication.Scheme)
                .RequireAssertion(context => context.User.Scope() >= scope));
        }

        return services;
    }

    public static TBuilder RequireOperator<TBuilder>(this TBuilder endpoints, OperatorScope scope)
        where TBuilder : IEndpointConventionBuilder => endpoints.RequireAuthorization(Policy + scope);

    /// <summary>The operator that made this request, for audit rows.</summary>
    public static Actor Actor(this HttpContext context) => new(context.User.Identity?.Name ?? "anonymous", context.TraceIdentifier);

    /// <summary>The largest scope that an endpoint asks for; null when it asks for none.</summary>
    public static OperatorScope? NeededScope(this Endpoint? endpoint) => endpoint?.Metadata.NeededScope();

    public static OperatorScope? NeededScope(this EndpointMetadataCollection metadata) => metadata.GetOrderedMetadata<IAuthorizeData>()
        .Where(data => data.Policy?.StartsWith(Policy, StringComparison.Ordinal) == true)
        .Select(data => (OperatorScope?)Enum.Parse<OperatorScope>(data.Policy![Policy.Length..]))
        .Max();

    private static OperatorScope? Scope(this ClaimsPrincipal user) =>
        Enum.TryParse<OperatorScope>(user.FindFirstValue(OperatorAuthentication.ScopeClaim), out var scope) ? scope : null;

    private sealed class OpenAccessWarning(OperatorTokens tokens, ILogger<OpenAccessWarning> log) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            if (!tokens.AreConfigured)
            {
                OperatorLog.OpenAccess(log);
            }

            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}

internal static partial class OperatorLog
{
    [LoggerMessage(4001, LogLevel.Warning, "No operator token is configured: everybody on this machine may use the operator API, whatever tokens are issued. Set GATEWAYOPS_OPERATOR_TOKEN to close it")]
    public static partial void OpenAccess(ILogger logger);
}
