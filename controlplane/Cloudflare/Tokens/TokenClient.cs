using GatewayOps.Cloudflare.Http;

namespace GatewayOps.Cloudflare.Tokens;

/// <summary>API tokens: the client's own, those that the account owns, and those of the user. Source: Cloudflare contract, section 10.</summary>
public sealed class TokenClient
{
    internal TokenClient(Transport transport)
    {
        Account = new OwnedTokenClient(transport, new(
            Endpoints.AccountTokens.List, Endpoints.AccountTokens.Create, Endpoints.AccountTokens.Verify, Endpoints.AccountTokens.PermissionGroups,
            Endpoints.AccountTokens.Find, Endpoints.AccountTokens.Update, Endpoints.AccountTokens.Delete, Endpoints.AccountTokens.Roll));
        User = new OwnedTokenClient(transport, new(
            Endpoints.UserTokens.List, Endpoints.UserTokens.Create, Endpoints.UserTokens.Verify, Endpoints.UserTokens.PermissionGroups,
            Endpoints.UserTokens.Find, Endpoints.UserTokens.Update, Endpoints.UserTokens.Delete, Endpoints.UserTokens.Roll));
    }

    public OwnedTokenClient Account { get; }
    public OwnedTokenClient User { get; }

    /// <summary>Asks as an account's token first, then as a user's: which of both it is cannot be told from every token. The failure is that of the second question.</summary>
    public async Task<TokenStatus> VerifyAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await Account.VerifyAsync(cancellationToken);
        }
        catch (CloudflareException exception) when (!exception.IsTransient)
        {
            return await User.VerifyAsync(cancellationToken);
        }
    }
}
