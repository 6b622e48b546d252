using System.Text.Json;

namespace GatewayOps.Cloudflare;

/// <summary>`Status` is active, disabled or expired.</summary>
public sealed record TokenStatus(string Id, string Status);

/// <summary>The API token itself. Source: Cloudflare contract, section 10.</summary>
public sealed class TokenClient
{
    private readonly Transport _transport;

    internal TokenClient(Transport transport) => _transport = transport;

    /// <summary>Asks as an account's token first, then as a user's: which of both it is cannot be told from every token. The failure is that of the second question.</summary>
    public async Task<TokenStatus> VerifyAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await AskAsync(Endpoint.VerifyAccountToken, cancellationToken);
        }
        catch (CloudflareException exception) when (!exception.IsTransient)
        {
            return await AskAsync(Endpoint.VerifyUserToken, cancellationToken);
        }
    }

    private Task<TokenStatus> AskAsync(Endpoint endpoint, CancellationToken cancellationToken) =>
        _transport.SendAsync(new(endpoint, _transport.PathOf(endpoint)), Read, cancellationToken);

    private static TokenStatus Read(JsonElement element) => new(element.RequiredText("id"), element.RequiredText("status"));
}
