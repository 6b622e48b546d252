using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace GatewayOps.Cloudflare;

/// <summary>The account's Secrets Store; there is one at most.</summary>
public sealed record SecretStore(string Id, string Name);

/// <summary>A secret without its value, which Cloudflare never gives back. `Status` is pending, active or deleted.</summary>
public sealed record Secret(string Id, string Name, string Status, string StoreId, string? Comment, IReadOnlyList<string> Scopes);

/// <summary>A secret to create. `Value` is hidden from ToString. Scopes are sent in alphabetical order.</summary>
public sealed record NewSecret(string Name, string Value, IReadOnlyList<string> Scopes, string? Comment = null)
{
    private bool PrintMembers(StringBuilder text)
    {
        text.Append($"Name = {Name}, Value = (hidden), Scopes = {string.Join(',', Scopes)}, Comment = {Comment}");
        return true;
    }
}

/// <summary>`/accounts/{id}/secrets_store`. Source: Cloudflare contract, section 9.</summary>
public sealed class SecretClient
{
    private const int PerPage = 50;
    private readonly Transport _transport;

    internal SecretClient(Transport transport) => _transport = transport;

    public IAsyncEnumerable<SecretStore> ListStoresAsync(CancellationToken cancellationToken) =>
        _transport.ListAsync(Endpoint.ListStores, _transport.PathOf(Endpoint.ListStores), "", PerPage, ReadStore, cancellationToken);

    /// <summary>AlreadyExists when the account has a store of whatever name.</summary>
    public Task<SecretStore> CreateStoreAsync(string name, CancellationToken cancellationToken) =>
        _transport.SendAsync(new(Endpoint.CreateStore, _transport.PathOf(Endpoint.CreateStore), JsonText.Write(new JsonObject { ["name"] = name })),
            result => ReadStore(Only(result)), cancellationToken);

    public IAsyncEnumerable<Secret> ListSecretsAsync(string storeId, CancellationToken cancellationToken) =>
        _transport.ListAsync(Endpoint.ListSecrets, _transport.PathOf(Endpoint.ListSecrets, storeId), "", PerPage, element => ReadSecret(element, storeId), cancellationToken);

    public Task<Secret> CreateSecretAsync(string storeId, NewSecret secret, CancellationToken cancellationToken)
    {
        var fields = new JsonObject
        {
            ["name"] = secret.Name,
            ["value"] = secret.Value,
            ["scopes"] = new JsonArray([.. secret.Scopes.Order(StringComparer.Ordinal).Select(scope => (JsonNode)scope)]),
        };
        if (secret.Comment is { } comment) fields["comment"] = comment;
        return _transport.SendAsync(new(Endpoint.CreateSecret, _transport.PathOf(Endpoint.CreateSecret, storeId), JsonText.Write(new JsonArray(fields)), secret.Value),
            result => ReadSecret(Only(result), storeId), cancellationToken);
    }

    public Task<Secret> ReplaceValueAsync(string storeId, string secretId, string value, CancellationToken cancellationToken) =>
        _transport.SendAsync(
            new(Endpoint.ReplaceSecret, _transport.PathOf(Endpoint.ReplaceSecret, storeId, secretId), JsonText.Write(new JsonObject { ["value"] = value }), value),
            result => ReadSecret(Only(result), storeId), cancellationToken);

    /// <summary>False when it was not there.</summary>
    public Task<bool> DeleteAsync(string storeId, string secretId, CancellationToken cancellationToken) =>
        _transport.DeleteAsync(new(Endpoint.DeleteSecret, _transport.PathOf(Endpoint.DeleteSecret, storeId, secretId)), cancellationToken);

    // Creation answers an array, as it takes one.
    private static JsonElement Only(JsonElement result) => result.ValueKind == JsonValueKind.Array ? result.EnumerateArray().Single() : result;

    private static SecretStore ReadStore(JsonElement element) => new(element.RequiredText("id"), element.Text("name") ?? "");

    private static Secret ReadSecret(JsonElement element, string storeId) => new(
        element.RequiredText("id"), element.RequiredText("name"), element.Text("status") ?? "active", element.Text("store_id") ?? storeId, element.Text("comment"),
        element.Member("scopes") is { ValueKind: JsonValueKind.Array } scopes ? [.. scopes.EnumerateArray().Select(scope => scope.GetString() ?? "")] : []);
}
