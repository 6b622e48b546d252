using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Cloudflare.Http;

namespace GatewayOps.Cloudflare.Secrets;

/// <summary>`/accounts/{id}/secrets_store`. Source: Cloudflare contract, section 9.</summary>
public sealed class SecretClient
{
    private const int PerPage = 50;
    private readonly Transport _transport;

    internal SecretClient(Transport transport) => _transport = transport;

    public IAsyncEnumerable<SecretStore> ListStoresAsync(CancellationToken cancellationToken) =>
        _transport.ListAsync(_transport.To(Endpoints.Secrets.ListStores), PerPage, SecretStore.Read, cancellationToken);

    /// <summary>Null when there is no such store.</summary>
    public Task<SecretStore?> FindStoreAsync(string storeId, CancellationToken cancellationToken) =>
        _transport.FindAsync(_transport.To(Endpoints.Secrets.FindStore, storeId), SecretStore.Read, cancellationToken);

    /// <summary>AlreadyExists when the account has a store of whatever name.</summary>
    public Task<SecretStore> CreateStoreAsync(string name, CancellationToken cancellationToken) =>
        _transport.SendAsync(_transport.To(Endpoints.Secrets.CreateStore).With(new JsonObject { ["name"] = name }), result => SecretStore.Read(Only(result)), cancellationToken);

    /// <summary>False when it was not there. Conflict when it holds secrets, unless `force` takes them with it.</summary>
    public Task<bool> DeleteStoreAsync(string storeId, bool force, CancellationToken cancellationToken) =>
        _transport.DeleteAsync(_transport.To(Endpoints.Secrets.DeleteStore, storeId).And("force", force ? true : null), cancellationToken);

    public IAsyncEnumerable<Secret> ListSecretsAsync(string storeId, CancellationToken cancellationToken) => ListSecretsAsync(storeId, new SecretQuery(), cancellationToken);

    public IAsyncEnumerable<Secret> ListSecretsAsync(string storeId, SecretQuery query, CancellationToken cancellationToken) =>
        _transport.ListAsync(query.AddTo(_transport.To(Endpoints.Secrets.List, storeId)), PerPage, element => Secret.Read(element, storeId), cancellationToken);

    /// <summary>Null when there is no such secret.</summary>
    public Task<Secret?> FindSecretAsync(string storeId, string secretId, CancellationToken cancellationToken) =>
        _transport.FindAsync(_transport.To(Endpoints.Secrets.Find, storeId, secretId), element => Secret.Read(element, storeId), cancellationToken);

    /// <summary>The secret is pending for a moment. AlreadyExists when the store has one of this name.</summary>
    public async Task<Secret> CreateSecretAsync(string storeId, NewSecret secret, CancellationToken cancellationToken) =>
        (await CreateSecretsAsync(storeId, [secret], cancellationToken))[0];

    /// <summary>Several at once, in the order given.</summary>
    public Task<IReadOnlyList<Secret>> CreateSecretsAsync(string storeId, IReadOnlyList<NewSecret> secrets, CancellationToken cancellationToken)
    {
        var call = _transport.To(Endpoints.Secrets.Create, storeId).With(new JsonArray([.. secrets.Select(secret => secret.ToJson())])).Hiding(secrets.Select(secret => secret.Value));
        return _transport.SendAsync(call, result => Created(result, storeId, secrets.Count), cancellationToken);
    }

    public Task<Secret> ReplaceValueAsync(string storeId, string secretId, string value, CancellationToken cancellationToken) =>
        UpdateAsync(storeId, secretId, new SecretChange { Value = value }, cancellationToken);

    /// <summary>NotFound when there is no such secret.</summary>
    public Task<Secret> UpdateAsync(string storeId, string secretId, SecretChange change, CancellationToken cancellationToken) =>
        _transport.SendAsync(_transport.To(Endpoints.Secrets.Update, storeId, secretId).With(change.ToJson()).Hiding(change.Value), result => Secret.Read(Only(result), storeId), cancellationToken);

    /// <summary>A second secret with the same value, which does not leave Cloudflare.</summary>
    public Task<Secret> DuplicateAsync(string storeId, string secretId, string name, IReadOnlyList<string> scopes, string? comment, CancellationToken cancellationToken)
    {
        var fields = new JsonObject { ["name"] = name, ["scopes"] = SecretScopes.Sorted(scopes) };
        if (comment is not null) fields["comment"] = comment;
        return _transport.SendAsync(_transport.To(Endpoints.Secrets.Duplicate, storeId, secretId).With(fields), result => Secret.Read(Only(result), storeId), cancellationToken);
    }

    /// <summary>False when it was not there.</summary>
    public Task<bool> DeleteAsync(string storeId, string secretId, CancellationToken cancellationToken) =>
        _transport.DeleteAsync(_transport.To(Endpoints.Secrets.Delete, storeId, secretId), cancellationToken);

    /// <summary>Cloudflare's deletion in bulk. The contract knows no way to name secrets in it, so it is taken to delete every one of the store.</summary>
    public Task DeleteAllAsync(string storeId, CancellationToken cancellationToken) =>
        _transport.SendAsync(_transport.To(Endpoints.Secrets.DeleteAll, storeId), cancellationToken);

    public Task<SecretQuota> QuotaAsync(CancellationToken cancellationToken) =>
        _transport.SendAsync(_transport.To(Endpoints.Secrets.Quota), result => new SecretQuota(
            result.Member("secrets").Whole("quota") ?? throw new JsonException("`quota` is missing"), result.Member("secrets").Whole("usage") ?? throw new JsonException("`usage` is missing")), cancellationToken);

    private static IReadOnlyList<Secret> Created(JsonElement result, string storeId, int count)
    {
        IReadOnlyList<Secret> made = result.ValueKind == JsonValueKind.Array ? [.. result.EnumerateArray().Select(element => Secret.Read(element, storeId))] : [Secret.Read(result, storeId)];
        return made.Count == count ? made : throw new JsonException("not as many secrets as were asked for");
    }

    // Creation answers an array where it takes one; others may follow it.
    private static JsonElement Only(JsonElement result) => result.ValueKind == JsonValueKind.Array ? result.EnumerateArray().Single() : result;
}
