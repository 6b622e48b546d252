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
    private readonly HashSet<string> _tokens = options.GatewayTokens.Count > 0 ? [.. options.GatewayTokens] : [options.ApiToken];

    public (Caller? Caller, GatewayError? Error) Check(string accountId, string gatewayId, IHeaderDictionary headers)
    {
        if (state.FindAccount(accountId) is not { } account)
            return (null, GatewayError.GatewayMissing);

        var (token, inAuthorization) = TokenOf(headers);
        // Only an authenticated request brings the `default` gateway into being.
        var gateway = token is null ? account.FindGateway(gatewayId) : account.FindOrCreateDefault(gatewayId);
        if (gateway is null)
            return (null, GatewayError.GatewayMissing);
        if (token is null && gateway.Settings.Authentication)
            return (null, GatewayError.Unauthorized);
        return (new Caller(account, gateway, token, inAuthorization), null);
    }

    private (string? Token, bool InAuthorization) TokenOf(IHeaderDictionary headers)
    {
        if (headers.TryGetValue("cf-aig-authorization", out var own))
            return (Valid(own.ToString()), false);
        var token = Valid(headers.Authorization.ToString());
        return (token, token is not null);
    }

    private string? Valid(string value) => ProviderKey.FromBearer(value) is { } token && _tokens.Contains(token) ? token : null;
}
