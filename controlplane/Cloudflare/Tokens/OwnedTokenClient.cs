using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Cloudflare.Http;

namespace GatewayOps.Cloudflare.Tokens;

/// <summary>The operations on tokens, for those that the account owns and for those of a user.</summary>
internal sealed record TokenEndpoints(
    Endpoint List, Endpoint Create, Endpoint Verify, Endpoint PermissionGroups, Endpoint Find, Endpoint Update, Endpoint Delete, Endpoint Roll);

/// <summary>`/accounts/{id}/tokens` or `/user/tokens`. Source: Cloudflare contract, section 10.</summary>
public sealed class OwnedTokenClient
{
    private const int PerPage = 50;
    private static readonly FrozenSet<string> ReadOnlyFields = FrozenSet.Create("id", "issued_on", "modified_on", "last_used_on", "value");

    private readonly Transport _transport;
    private readonly TokenEndpoints _endpoints;

    internal OwnedTokenClient(Transport transport, TokenEndpoints endpoints) => (_transport, _endpoints) = (transport, endpoints);

    /// <summary>Whether the client's own token is one of these, and in which state.</summary>
    public Task<TokenStatus> VerifyAsync(CancellationToken cancellationToken) => _transport.SendAsync(_transport.To(_endpoints.Verify), TokenStatus.Read, cancellationToken);

    /// <param name="includeExpired">Expired ones too. For the account's tokens only: a user's are always all listed.</param>
    /// <param name="cancellationToken">Ends the list.</param>
    public IAsyncEnumerable<Token> ListAsync(bool includeExpired, CancellationToken cancellationToken) =>
        _transport.ListAsync(_transport.To(_endpoints.List).And("include_expired", includeExpired && _endpoints.List == Endpoints.AccountTokens.List ? true : null), PerPage, Token.Read, cancellationToken);

    /// <summary>Null when there is no such token.</summary>
    public Task<Token?> FindAsync(string id, CancellationToken cancellationToken) => _transport.FindAsync(_transport.To(_endpoints.Find, id), Token.Read, cancellationToken);

    /// <summary>The value is in this answer and never again. When the answer is lost the token exists and its value is gone: find it by its name, then roll or delete it.</summary>
    public Task<CreatedToken> CreateAsync(NewToken token, CancellationToken cancellationToken) =>
        _transport.SendAsync(_transport.To(_endpoints.Create).With(token.ToJson()), result => new CreatedToken(Token.Read(result), result.RequiredText("value")), cancellationToken);

    /// <summary>Overwrites the token: `fields` are those of <see cref="FindAsync"/> with the caller's changes.</summary>
    public Task<Token> UpdateAsync(string id, JsonObject fields, CancellationToken cancellationToken) =>
        _transport.SendAsync(_transport.To(_endpoints.Update, id).With(fields, ReadOnlyFields), Token.Read, cancellationToken);

    /// <summary>False when it was not there.</summary>
    public Task<bool> DeleteAsync(string id, CancellationToken cancellationToken) => _transport.DeleteAsync(_transport.To(_endpoints.Delete, id), cancellationToken);

    /// <summary>A new value in the place of the old one, which ends at once. The answer is the value: a secret.</summary>
    public Task<string> RollAsync(string id, CancellationToken cancellationToken) =>
        _transport.SendAsync(_transport.To(_endpoints.Roll, id).With(new JsonObject()), result => result.GetString() is { Length: > 0 } value ? value : throw new JsonException("no value"), cancellationToken);

    /// <summary>What a token may be allowed to do; `name` and `scope` narrow it down.</summary>
    public IAsyncEnumerable<PermissionGroup> ListPermissionGroupsAsync(string? name, string? scope, CancellationToken cancellationToken) =>
        _transport.ListWholeAsync(_transport.To(_endpoints.PermissionGroups).And("name", name).And("scope", scope), root => root.Member("result"), PermissionGroup.Read, cancellationToken);

    /// <summary>
    /// The groups of these names, in their order; their ids differ between accounts' plans, so they are looked up. NotFound, which names them, when one does not exist.
    /// </summary>
    public async Task<IReadOnlyList<PermissionGroup>> ResolveAsync(IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        // The whole list: whether `name` finds parts of names too is nowhere said.
        var known = new Dictionary<string, PermissionGroup>(StringComparer.OrdinalIgnoreCase);
        await foreach (var group in ListPermissionGroupsAsync(null, null, cancellationToken)) known.TryAdd(group.Name, group);
        var unknown = names.Where(name => !known.ContainsKey(name)).ToList();
        return unknown.Count == 0
            ? [.. names.Select(name => known[name])]
            : throw new CloudflareException(CloudflareErrorKind.NotFound, $"{_endpoints.PermissionGroups}: there is no permission group {string.Join(", ", unknown.Select(name => $"`{name}`"))}");
    }
}
