using System.Security.Claims;
using System.Text.Encodings.Web;
using GatewayOps.ControlPlane.Http;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace GatewayOps.ControlPlane.Access;

/// <summary>Authenticates `Authorization: Bearer` against the operator tokens. Source: RFC 6750, sections 2.1 and 3.</summary>
public sealed class OperatorAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory loggers,
    UrlEncoder encoder,
    OperatorTokens tokens,
    AccessMetrics metrics) : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public new const string Scheme = "operator";
    public const string ScopeClaim = "scope";

    private static readonly Operator Local = new(OperatorTokens.LocalName, OperatorScope.Admin, OperatorTokens.LocalName);

    private string? _error;

    protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(Authenticate());

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        metrics.Failed(_error ?? AuthFailure.Missing);
        Response.Headers.WWWAuthenticate = _error is null or AuthFailure.NotLocal ? "Bearer realm=\"gatewayops\"" : "Bearer realm=\"gatewayops\", error=\"invalid_token\"";
        await RefuseAsync(401, "unauthorized", _error switch
        {
            AuthFailure.Invalid => "This operator token is not known here: check GATEWAYOPS_OPERATOR_TOKEN on both sides.",
            AuthFailure.Mistyped => "This operator token is not whole: its checksum does not fit. Copy it again.",
            AuthFailure.Expired => "This operator token has expired: use the one that replaced it, or have another issued (`gatewayops token create`).",
            AuthFailure.Revoked => "This operator token is revoked: have another issued (`gatewayops token create`).",
            AuthFailure.NotLocal => "No operator token is configured, so only this machine may call, by a loopback name: set GATEWAYOPS_OPERATOR_TOKEN for the service.",
            _ => "An operator token is needed: send Authorization: Bearer with GATEWAYOPS_OPERATOR_TOKEN.",
        });
    }

    protected override async Task HandleForbiddenAsync(AuthenticationProperties properties)
    {
        metrics.Failed(AuthFailure.Scope);
        var needed = Context.GetEndpoint().NeededScope() ?? OperatorScope.Admin;
        var word = needed.ToString().ToLowerInvariant();
        Response.Headers.WWWAuthenticate = $"Bearer realm=\"gatewayops\", error=\"insufficient_scope\", scope=\"{word}\"";
        await RefuseAsync(403, "insufficient_scope", $"This operator token lacks the scope `{word}`.");
    }

    private AuthenticateResult Authenticate()
    {
        var header = Request.Headers[HeaderNames.Authorization];
        if (header.Count == 0)
        {
            // Nobody can be locked out: without a configured token this machine's own callers are admin, whatever tokens are issued or revoked.
            return tokens.AreConfigured ? AuthenticateResult.NoResult() : IsLocal() ? Accept(Local) : Reject(AuthFailure.NotLocal);
        }

        if (header.Count != 1 || !header[0]!.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
        {
            return Reject(AuthFailure.Invalid);
        }

        var (who, refusal) = tokens.Find(header[0]!["Bearer ".Length..].Trim());
        return who is not null ? Accept(who) : Reject(refusal!);
    }

    // A page in this machine's browser is a stranger, too.
    private bool IsLocal() =>
        LocalCaller.Is(Context) && !(Request.Headers.TryGetValue("Sec-Fetch-Site", out var site) && site.ToString() is "cross-site" or "same-site");

    private static AuthenticateResult Accept(Operator who)
    {
        var identity = new ClaimsIdentity([new(ClaimTypes.Name, who.Name), new(ClaimTypes.NameIdentifier, who.Id), new(ScopeClaim, who.Scope.ToString())], Scheme);
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Scheme));
    }

    private AuthenticateResult Reject(string reason)
    {
        _error = reason;
        return AuthenticateResult.Fail(reason);
    }

    private async Task RefuseAsync(int status, string code, string detail)
    {
        Response.StatusCode = status;
        await Problem.Of(status, code, status == 401 ? "Not authenticated" : "Not allowed", detail).ExecuteAsync(Context);
    }
}
