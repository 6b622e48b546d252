using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Emulator.State;
using static GatewayOps.Emulator.Management.SecretsStore.SecretsStoreAnswer;

namespace GatewayOps.Emulator.Management.SecretsStore;

/// <summary>The Secrets Store of the account (contract section 9): its quota and its one store. <see cref="SecretEndpoints"/> has the secrets.</summary>
public static class SecretsStoreEndpoints
{
    private static readonly string[] Orders = ["name", "created", "modified"];

    public static void MapSecretsStore(this IEndpointRouteBuilder account)
    {
        var service = account.MapGroup("/secrets_store").Requires(Permission.SecretsStoreRead, Permission.SecretsStoreWrite).WithTags("Secrets Store");
        service.MapGet("/quota", Quota).WithSummary("How many secrets there are, and may be");
        service.MapGet("/stores", List).WithSummary("Stores of the account: one at most").Asks([.. AskedParameter.Pages(1, 100), AskedParameter.Choice("order", Orders), AskedParameter.Choice("direction", "asc", "desc")]);
        service.MapPost("/stores", Create).WithSummary("Create the account's store").Takes(SecretsStoreShape.Store);
        service.MapGet("/stores/{storeId}", (HttpContext context, string storeId) => InStore(context, storeId, store => Envelope.Result(Json(context, store)))).WithSummary("One store");
        service.MapDelete("/stores/{storeId}", Delete).WithSummary("Delete a store").Asks(AskedParameter.Flag("force"));
        service.MapSecrets();
    }

    private static IResult Quota(HttpContext context, EmulatorOptions options) => Envelope.Result(new JsonObject
    {
        ["secrets"] = new JsonObject { ["quota"] = options.MaxSecrets, ["usage"] = context.Account().Store?.Secrets.Count ?? 0 },
    });

    // One store at most: its order is checked, and changes nothing.
    private static IResult List(HttpContext context)
    {
        var errors = new List<ApiError>();
        var page = PageRequest.Read(context, 1, 100, errors);
        ListQuery.Choice(context.Request.Query, "order", "created", Orders, errors);
        ListQuery.Choice(context.Request.Query, "direction", "asc", ["asc", "desc"], errors);
        if (errors.Count > 0)
            return Envelope.Invalid(errors);
        SecretStoreState[] stores = context.Account().Store is { } store ? [store] : [];
        return page.Answer(stores, one => Json(context, one));
    }

    private static async Task<IResult> Create(HttpContext context, CancellationToken cancellationToken)
    {
        if (await JsonText.ReadAsync(context.Request, cancellationToken) is not { ValueKind: JsonValueKind.Object } body)
            return Refuse(1001, "invalid_json_body");
        if (body.TextOf("name") is not { Length: > 0 } name)
            return Refuse(1001, "store_name_empty");
        var (_, store) = context.Account().AddStore(name);
        return store is null ? Refuse(1003, "maximum_stores_exceeded") : Envelope.Result(Json(context, store));
    }

    private static IResult Delete(HttpContext context, string storeId) => InStore(context, storeId, store =>
    {
        var errors = new List<ApiError>();
        var force = ListQuery.Flag(context.Request.Query, "force", errors) == true;
        if (errors.Count > 0)
            return Envelope.Invalid(errors);
        if (!store.Close(force))
            return Refuse(1003, "store_not_empty", StatusCodes.Status409Conflict);
        context.Account().RemoveStore(store);
        return Envelope.Result(Json(context, store));
    });
}
