using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Emulator.State;
using static GatewayOps.Emulator.Management.SecretsStore.SecretBody;
using static GatewayOps.Emulator.Management.SecretsStore.SecretsStoreAnswer;

namespace GatewayOps.Emulator.Management.SecretsStore;

/// <summary>The secrets of the store (contract section 9).</summary>
public static class SecretEndpoints
{
    private static readonly string[] Orders = ["name", "comment", "created", "modified", "status"];

    public static void MapSecrets(this IEndpointRouteBuilder service)
    {
        var secrets = service.MapGroup("/stores/{storeId}/secrets");
        secrets.MapGet("", (HttpContext context, string storeId, EmulatorClock clock) => InStore(context, storeId, store => List(context, store, clock.GetUtcNow())))
            .WithSummary("Secrets of a store, without their values")
            .Asks([.. AskedParameter.Pages(1, 100), AskedParameter.Choice("order", Orders), AskedParameter.Choice("direction", "asc", "desc"), AskedParameter.Text("search"), new("scopes", Shapes.OneOf(SecretBody.Scopes), Repeats: true)]);
        secrets.MapPost("", Create).WithSummary("Create secrets").Takes(SecretsStoreShape.Create);
        secrets.MapDelete("", DeleteSome).WithSummary("Delete secrets; without a body all").Takes(SecretsStoreShape.Deletion, required: false);
        secrets.MapGet("/{secretId}", (HttpContext context, string storeId, string secretId, EmulatorClock clock) =>
            InStore(context, storeId, store => store.Find(secretId) is { } secret ? Envelope.Result(Json(store, secret, clock.GetUtcNow())) : SecretNotFound()))
            .WithSummary("One secret, without its value");
        secrets.MapPatch("/{secretId}", Change).WithSummary("Change a secret's value, scopes or comment").Takes(SecretsStoreShape.Change);
        secrets.MapDelete("/{secretId}", (HttpContext context, string storeId, string secretId) =>
            InStore(context, storeId, store => store.Remove(secretId) is { } secret ? Envelope.Result(Deleted(store, secret)) : SecretNotFound()))
            .WithSummary("Delete a secret");
        secrets.MapPost("/{secretId}/duplicate", Duplicate).WithSummary("Copy a secret under another name").Takes(SecretsStoreShape.Copy);
    }

    private static IResult List(HttpContext context, SecretStoreState store, DateTimeOffset now)
    {
        var query = context.Request.Query;
        var errors = new List<ApiError>();
        var page = PageRequest.Read(context, 1, 100, errors);
        var order = ListQuery.Choice(query, "order", "created", Orders, errors);
        var descending = ListQuery.Choice(query, "direction", "asc", ["asc", "desc"], errors) == "desc";
        string[] scopes = [.. query["scopes"].OfType<string>()];
        if (scopes.Except(SecretBody.Scopes).FirstOrDefault() is { } unknown)
            errors.Add(ApiError.Invalid(FieldPath.Query["scopes"], $"Invalid enum value. Expected {string.Join(" | ", SecretBody.Scopes.Select(scope => $"'{scope}'"))}, received '{unknown}'"));
        if (errors.Count > 0)
            return Envelope.Invalid(errors);
        var found = store.Secrets.Where(secret => ListQuery.Contains(query, "search", secret.Name) && (scopes.Length == 0 || secret.Scopes.Intersect(scopes).Any()));
        IComparable? By(SecretState secret) => order switch
        {
            "name" => secret.Name,
            "comment" => secret.Comment,
            "modified" => secret.Modified,
            "status" => secret.StatusAt(now),
            _ => secret.Created,
        };
        SecretState[] ordered = [.. descending ? found.OrderByDescending(By, ListQuery.Order) : found.OrderBy(By, ListQuery.Order)];
        return page.Answer(ordered, secret => Json(store, secret, now));
    }

    private static async Task<IResult> Create(HttpContext context, string storeId, EmulatorClock clock, CancellationToken cancellationToken)
    {
        var body = await JsonText.ReadAsync(context.Request, cancellationToken);
        return InStore(context, storeId, store =>
        {
            if (body is not { ValueKind: JsonValueKind.Array } items || items.GetArrayLength() == 0)
                return Refuse(1001, "invalid_json_body");
            if (items.EnumerateArray().Select(Problem).FirstOrDefault(problem => problem is not null) is { } problem)
                return Refuse(1001, problem);
            var (outcome, stored) = store.Add([.. items.EnumerateArray().Select(item => new NewSecret(item.TextOf("name")!, item.TextOf("value")!, ScopesOf(item)!, item.TextOf("comment")))]);
            return Refusal(outcome) ?? Envelope.Result(new JsonArray([.. stored.Select(secret => Json(store, secret, clock.GetUtcNow()))]));
        });
    }

    private static async Task<IResult> Change(HttpContext context, string storeId, string secretId, EmulatorClock clock, CancellationToken cancellationToken)
    {
        var body = await JsonText.ReadAsync(context.Request, cancellationToken);
        return InStore(context, storeId, store =>
        {
            if (body is not { } change)
                return Refuse(1001, "invalid_json_body");
            if (ChangeProblem(change) is { } problem)
                return Refuse(1001, problem);
            return store.Change(secretId, change.TextOf("value"), ScopesOf(change), change.TextOf("comment")) is { } secret
                ? Envelope.Result(Json(store, secret, clock.GetUtcNow()))
                : SecretNotFound();
        });
    }

    private static async Task<IResult> Duplicate(HttpContext context, string storeId, string secretId, EmulatorClock clock, CancellationToken cancellationToken)
    {
        var body = await JsonText.ReadAsync(context.Request, cancellationToken);
        return InStore(context, storeId, store =>
        {
            if (store.Find(secretId) is not { } original)
                return SecretNotFound();
            if (body is not { } copy)
                return Refuse(1001, "invalid_json_body");
            if (CopyProblem(copy) is { } problem)
                return Refuse(1001, problem);
            var (outcome, stored) = store.Add([new NewSecret(copy.TextOf("name")!, original.Value, ScopesOf(copy)!, copy.TextOf("comment"))]);
            return Refusal(outcome) ?? Envelope.Result(Json(store, stored[0], clock.GetUtcNow()));
        });
    }

    // The contract does not say which: an array of { id } names some, no body at all means all. Anything else deletes nothing.
    private static async Task<IResult> DeleteSome(HttpContext context, string storeId, CancellationToken cancellationToken)
    {
        var hasBody = context.Request.ContentLength is not (null or 0) || context.Request.Headers.TransferEncoding.Count > 0;
        var body = hasBody ? await JsonText.ReadAsync(context.Request, cancellationToken) : null;
        return InStore(context, storeId, store =>
        {
            string?[] ids = [];
            if (!hasBody)
                ids = [.. store.Secrets.Select(secret => secret.Id)];
            else if (body is { ValueKind: JsonValueKind.Array } items)
                ids = [.. items.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.Object ? item.TextOf("id") : null)];
            else
                return Refuse(1001, "invalid_json_body");
            return ids.Contains(null)
                ? Refuse(1001, "invalid_json_body")
                : Envelope.Result(new JsonArray([.. ids.Select(id => store.Remove(id!)).OfType<SecretState>().Select(secret => Deleted(store, secret))]));
        });
    }

    private static IResult? Refusal(Added outcome) => outcome switch
    {
        Added.AlreadyExists => Refuse(1003, "secret_name_already_exists"),
        Added.LimitReached => Refuse(1003, "maximum_secrets_exceeded"),
        Added.Gone => Refuse(1001, "store_not_found", StatusCodes.Status404NotFound),
        _ => null,
    };
}
