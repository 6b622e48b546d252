using System.Net;
using GatewayOps.Emulator.State;
using GatewayOps.Emulator.Upstreams;

namespace GatewayOps.Emulator.DataPlane;

/// <summary>Who calls which gateway.</summary>
/// <param name="Token">The Cloudflare token that was presented and is valid; null for an anonymous call.</param>
/// <param name="InAuthorization">It came in `Authorization`, where the gateway consumes it: it is no provider key.</param>
public sealed record Caller(AccountState Account, GatewayState Gateway, string? Token, bool InAuthorization);

/// <summary>Finds the gateway and checks the caller (contract 2.2, 12.1, 13).</summary>
public sealed class GatewayAccess(EmulatorState state, EmulatorOptions options)
{
    private readonly GatewayError _missing = GatewayError.GatewayMissing with { Status = options.Assumptions.MissingGatewayStatus };
    private readonly HashSet<string> _tokens = options.GatewayTokens.Count > 0 ? [.. options.GatewayTokens] : [options.ApiToken];

    /// <param name="from">The caller's address, which a token's condition may forbid.</param>
    public (Caller? Caller, GatewayError? Error) Check(string accountId, string gatewayId, IHeaderDictionary headers, IPAddress? from)
    {
        if (state.FindAccount(accountId) is not { } account)
            return (null, _missing);

        var (token, inAuthorization) = TokenOf(headers, accountId, from);
        // Only an authenticated request brings the `default` gateway into being.
        var gateway = token is null ? account.FindGateway(gatewayId) : account.FindOrCreateDefault(gatewayId);
        if (gateway is null)
            return (null, _missing);
        if (token is null && gateway.Settings.Authentication)
            return (null, GatewayError.Unauthorized);
        return (new Caller(account, gateway, token, inAuthorization), null);
    }

    private (string? Token, bool InAuthorization) TokenOf(IHeaderDictionary headers, string accountId, IPAddress? from)
    {
        if (headers.TryGetValue("cf-aig-authorization", out var own))
            return (ProviderKey.FromBearer(own.ToString()) is { } value && MayRun(value, accountId, from) ? value : null, false);
        // A Cloudflare token never leaves for a provider, whether it may run the gateway or not.
        return ProviderKey.FromBearer(headers.Authorization.ToString()) is { } bearer && IsOurs(bearer)
            ? (MayRun(bearer, accountId, from) ? bearer : null, true)
            : (null, false);
    }

    private bool IsOurs(string value) => _tokens.Contains(value) || state.Tokens.FindByValue(value) is not null;

    private bool MayRun(string value, string accountId, IPAddress? from) => _tokens.Contains(value)
        || (state.Tokens.Check(value, from).Token is { IsRoot: false } token && token.Grants(Permission.AiGatewayRun, $"{Permission.AccountScope}.{accountId}"));
}
