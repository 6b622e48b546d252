using System.Text.Json.Nodes;
using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.Management.SecretsStore;

/// <summary>What the Secrets Store answers: no value of a secret, ever. Its errors are names in the message, with codes 1001 and 1003 (contract section 9).</summary>
internal static class SecretsStoreAnswer
{
    public static IResult Refuse(int code, string message, int status = StatusCodes.Status400BadRequest) => Envelope.Failure(status, new ApiError(code, message));

    public static IResult SecretNotFound() => Refuse(1001, "secret_not_found", StatusCodes.Status404NotFound);

    public static IResult InStore(HttpContext context, string storeId, Func<SecretStoreState, IResult> answer) =>
        context.Account().FindStore(storeId) is { } store ? answer(store) : Refuse(1001, "store_not_found", StatusCodes.Status404NotFound);

    public static JsonObject Json(HttpContext context, SecretStoreState store) => new()
    {
        ["id"] = store.Id,
        ["name"] = store.Name,
        ["account_id"] = context.Account().Id,
        ["created"] = JsonText.Time(store.Created),
        ["modified"] = JsonText.Time(store.Created),
    };

    public static JsonObject Json(SecretStoreState store, SecretState secret, string status)
    {
        var json = new JsonObject
        {
            ["id"] = secret.Id,
            ["name"] = secret.Name,
            ["status"] = status,
            ["store_id"] = store.Id,
            ["created"] = JsonText.Time(secret.Created),
            ["modified"] = JsonText.Time(secret.Modified),
            ["scopes"] = new JsonArray([.. secret.Scopes.Select(scope => JsonValue.Create(scope))]),
        };
        if (secret.Comment is not null)
            json["comment"] = secret.Comment;
        return json;
    }

    public static JsonObject Json(SecretStoreState store, SecretState secret, DateTimeOffset now) =>
        Json(store, secret, secret.StatusAt(now) == SecretStatus.Active ? "active" : "pending");

    public static JsonObject Deleted(SecretStoreState store, SecretState secret) => Json(store, secret, "deleted");
}
