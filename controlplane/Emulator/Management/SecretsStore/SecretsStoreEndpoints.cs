using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.Management.SecretsStore;

/// <summary>The Secrets Store (contract section 9). Its errors are names in the message, with codes 1000, 1001 and 1003.</summary>
public static class SecretsStoreEndpoints
{
    /// <summary>UTF-8 bytes of a value.</summary>
    public const int LongestValue = 65_536;

    public static readonly string[] Scopes = ["access", "ai_gateway", "containers", "dex", "websearch", "workers"];

    public static void MapSecretsStore(this IEndpointRouteBuilder account)
    {
        var service = account.MapGroup("/secrets_store").Requires(Permission.SecretsStoreRead, Permission.SecretsStoreWrite).WithTags("Secrets Store");
        service.MapGet("/quota", Quota).WithSummary("How many secrets there are, and may be");
        service.MapGet("/stores", ListStores).WithSummary("Stores of the account: one at most").Asks([.. AskedParameter.Pages(1, 100), AskedParameter.Choice("order", "name", "created", "modified"), AskedParameter.Choice("direction", "asc", "desc")]);
        service.MapPost("/stores", CreateStore).WithSummary("Create the account's store").Takes(SecretsStoreShape.Store);
        service.MapGet("/stores/{storeId}", (HttpContext context, string storeId) => InStore(context, storeId, store => Envelope.Result(Json(context, store)))).WithSummary("One store");
        service.MapDelete("/stores/{storeId}", DeleteStore).WithSummary("Delete a store").Asks(AskedParameter.Flag("force"));

        var secrets = service.MapGroup("/stores/{storeId}/secrets");
        secrets.MapGet("", (HttpContext context, string storeId, EmulatorClock clock) => InStore(context, storeId, store => ListSecrets(context, store, clock))).WithSummary("Secrets of a store, without their values").Asks([.. AskedParameter.Pages(1, 100), AskedParameter.Choice("order", "name", "comment", "created", "modified", "status"), AskedParameter.Choice("direction", "asc", "desc"), AskedParameter.Text("search"), new("scopes", Shapes.OneOf(Scopes), Repeats: true)]);
        secrets.MapPost("", CreateSecrets).WithSummary("Create secrets").Takes(SecretsStoreShape.Create);
        secrets.MapDelete("", DeleteSecrets).WithSummary("Delete secrets; without a body all").Takes(SecretsStoreShape.Deletion, required: false);
        secrets.MapGet("/{secretId}", (HttpContext context, string storeId, string secretId, EmulatorClock clock) =>
            InStore(context, storeId, store => Found(store, store.Find(secretId), clock))).WithSummary("One secret, without its value");
        secrets.MapPatch("/{secretId}", ChangeSecret).WithSummary("Change a secret's value, scopes or comment").Takes(SecretsStoreShape.Change);
        secrets.MapDelete("/{secretId}", (HttpContext context, string storeId, string secretId, EmulatorClock clock) =>
            InStore(context, storeId, store => Found(store, store.Remove(secretId), clock, deleted: true))).WithSummary("Delete a secret");
        secrets.MapPost("/{secretId}/duplicate", DuplicateSecret).WithSummary("Copy a secret under another name").Takes(SecretsStoreShape.Copy);
    }

    private static IResult Quota(HttpContext context, EmulatorOptions options) => Envelope.Result(new JsonObject
    {
        ["secrets"] = new JsonObject { ["quota"] = options.MaxSecrets, ["usage"] = context.Account().Store?.Secrets.Count ?? 0 },
    });

    private static IResult ListStores(HttpContext context)
    {
        var errors = new List<ApiError>();
        var page = PageRequest.Read(context, 1, 100, errors);
        // An order of at most one store: only its words can be wrong.
        ListQuery.Choice(context.Request.Query, "order", "", ["name", "created", "modified"], errors);
        ListQuery.Choice(context.Request.Query, "direction", "", ["asc", "desc"], errors);
        if (errors.Count > 0)
            return Envelope.Invalid(errors);
        SecretStoreState[] stores = context.Account().Store is { } store ? [store] : [];
        return page.Answer(stores, one => Json(context, one));
    }

    private static async Task<IResult> CreateStore(HttpContext context, CancellationToken cancellationToken)
    {
        if (await JsonText.ReadAsync(context.Request, cancellationToken) is not { ValueKind: JsonValueKind.Object } body)
            return Refuse(1001, "invalid_json_body");
        if (Text(body, "name") is not { Length: > 0 } name)
            return Refuse(1001, "store_name_empty");
        var (_, store) = context.Account().AddStore(name);
        return store is null ? Refuse(1003, "maximum_stores_exceeded") : Envelope.Result(Json(context, store));
    }

    private static IResult DeleteStore(HttpContext context, string storeId) => InStore(context, storeId, store =>
    {
        if (store.Secrets.Count > 0 && context.Request.Query["force"] != "true")
            return Refuse(1003, "store_not_empty", StatusCodes.Status409Conflict);
        context.Account().RemoveStore(store);
        return Envelope.Result(Json(context, store));
    });

    private static IResult ListSecrets(HttpContext context, SecretStoreState store, EmulatorClock clock)
    {
        var query = context.Request.Query;
        var errors = new List<ApiError>();
        var page = PageRequest.Read(context, 1, 100, errors);
        var now = clock.GetUtcNow();
        Func<SecretState, object?>? order = query["order"].ToString() switch
        {
            "" or "created" => secret => secret.Created,
            "name" => secret => secret.Name,
            "comment" => secret => secret.Comment,
            "modified" => secret => secret.Modified,
            "status" => secret => secret.StatusAt(now),
            _ => null,
        };
        if (order is null)
            errors.Add(ApiError.Invalid(FieldPath.Query["order"], "Invalid enum value. Expected 'name' | 'comment' | 'created' | 'modified' | 'status'"));
        if (query["direction"].ToString() is not ("" or "asc" or "desc"))
            errors.Add(ApiError.Invalid(FieldPath.Query["direction"], "Invalid enum value. Expected 'asc' | 'desc'"));
        if (errors.Count > 0)
            return Envelope.Invalid(errors);
        var found = store.Secrets
            .Where(secret => secret.Name.Contains(query["search"].ToString(), StringComparison.OrdinalIgnoreCase))
            .Where(secret => query["scopes"] is not { Count: > 0 } scopes || secret.Scopes.Intersect(scopes).Any());
        SecretState[] ordered = [.. query["direction"] == "desc" ? found.OrderByDescending(order!) : found.OrderBy(order!)];
        return page.Answer(ordered, secret => Json(store, secret, now));
    }

    private static async Task<IResult> CreateSecrets(HttpContext context, string storeId, EmulatorClock clock, CancellationToken cancellationToken)
    {
        var body = await JsonText.ReadAsync(context.Request, cancellationToken);
        return InStore(context, storeId, store =>
        {
            if (body is not { ValueKind: JsonValueKind.Array } items || items.GetArrayLength() == 0)
                return Refuse(1001, "invalid_json_body");
            if (items.EnumerateArray().Select(Problem).FirstOrDefault(problem => problem is not null) is { } problem)
                return Refuse(1001, problem);
            return Stored(store, [.. items.EnumerateArray().Select(item =>
                new NewSecret(Text(item, "name")!, Text(item, "value")!, ScopesOf(item), Text(item, "comment")))], clock, single: false);
        });
    }

    private static async Task<IResult> ChangeSecret(HttpContext context, string storeId, string secretId, EmulatorClock clock, CancellationToken cancellationToken)
    {
        var body = await JsonText.ReadAsync(context.Request, cancellationToken);
        return InStore(context, storeId, store =>
        {
            if (body is not { ValueKind: JsonValueKind.Object } change)
                return Refuse(1001, "invalid_json_body");
            var scopes = change.TryGetProperty("scopes", out _) ? ScopesOf(change) : null;
            if ((scopes is null ? null : ScopeProblem(change)) is { } problem)
                return Refuse(1001, problem);
            if (change.TryGetProperty("value", out _) && ValueProblem(change) is { } valueProblem)
                return Refuse(1001, valueProblem);
            return Found(store, store.Change(secretId, Text(change, "value"), scopes, Text(change, "comment")), clock);
        });
    }

    private static async Task<IResult> DuplicateSecret(HttpContext context, string storeId, string secretId, EmulatorClock clock, CancellationToken cancellationToken)
    {
        var body = await JsonText.ReadAsync(context.Request, cancellationToken);
        return InStore(context, storeId, store =>
        {
            if (store.Find(secretId) is not { } original)
                return SecretNotFound();
            if (body is not { ValueKind: JsonValueKind.Object } copy)
                return Refuse(1001, "invalid_json_body");
            if ((NameProblem(copy) ?? ScopeProblem(copy)) is { } problem)
                return Refuse(1001, problem);
            return Stored(store, [new NewSecret(Text(copy, "name")!, original.Value, ScopesOf(copy), Text(copy, "comment"))], clock, single: true);
        });
    }

    // The body is not documented: an array of { id } names some, no body means all.
    private static async Task<IResult> DeleteSecrets(HttpContext context, string storeId, EmulatorClock clock, CancellationToken cancellationToken)
    {
        var body = await JsonText.ReadAsync(context.Request, cancellationToken);
        return InStore(context, storeId, store =>
        {
            IEnumerable<string> ids = body is { ValueKind: JsonValueKind.Array } items
                ? items.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.Object ? Text(item, "id") ?? "" : "")
                : store.Secrets.Select(secret => secret.Id);
            var now = clock.GetUtcNow();
            return Envelope.Result(new JsonArray([.. ids.ToArray().Select(store.Remove).OfType<SecretState>().Select(secret => Json(store, secret, now, deleted: true))]));
        });
    }

    private static IResult Stored(SecretStoreState store, IReadOnlyList<NewSecret> secrets, EmulatorClock clock, bool single)
    {
        var (outcome, stored) = store.Add(secrets);
        var now = clock.GetUtcNow();
        return outcome switch
        {
            Added.AlreadyExists => Refuse(1003, "secret_name_already_exists"),
            Added.LimitReached => Refuse(1003, "maximum_secrets_exceeded"),
            _ when single => Envelope.Result(Json(store, stored[0], now)),
            _ => Envelope.Result(new JsonArray([.. stored.Select(secret => Json(store, secret, now))])),
        };
    }

    private static string? Problem(JsonElement item) =>
        item.ValueKind != JsonValueKind.Object ? "invalid_json_body" : NameProblem(item) ?? ValueProblem(item) ?? ScopeProblem(item);

    private static string? NameProblem(JsonElement item) => Text(item, "name") is { Length: > 0 } ? null : "secret_name_empty";

    private static string? ValueProblem(JsonElement item) => Text(item, "value") switch
    {
        null or "" => "secret_value_empty",
        var value when System.Text.Encoding.UTF8.GetByteCount(value) > LongestValue => "secret_value_too_long",
        _ => null,
    };

    private static string? ScopeProblem(JsonElement item) => ScopesOf(item) switch
    {
        [] => "secret_scopes_empty",
        var scopes when scopes.Except(Scopes).Any() => "secret_scope_invalid",
        _ => null,
    };

    private static string[] ScopesOf(JsonElement item) =>
        item.TryGetProperty("scopes", out var scopes) && scopes.ValueKind == JsonValueKind.Array
            ? [.. scopes.EnumerateArray().Select(scope => scope.ValueKind == JsonValueKind.String ? scope.GetString()! : "")]
            : [];

    private static string? Text(JsonElement item, string name) =>
        item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static IResult InStore(HttpContext context, string storeId, Func<SecretStoreState, IResult> answer) =>
        context.Account().FindStore(storeId) is { } store ? answer(store) : Refuse(1001, "store_not_found", StatusCodes.Status404NotFound);

    private static IResult Found(SecretStoreState store, SecretState? secret, EmulatorClock clock, bool deleted = false) =>
        secret is null ? SecretNotFound() : Envelope.Result(Json(store, secret, clock.GetUtcNow(), deleted));

    private static IResult SecretNotFound() => Refuse(1001, "secret_not_found", StatusCodes.Status404NotFound);

    private static IResult Refuse(int code, string message, int status = StatusCodes.Status400BadRequest) => Envelope.Failure(status, new ApiError(code, message));

    private static JsonObject Json(HttpContext context, SecretStoreState store) => new()
    {
        ["id"] = store.Id,
        ["name"] = store.Name,
        ["account_id"] = context.Account().Id,
        ["created"] = JsonText.Time(store.Created),
        ["modified"] = JsonText.Time(store.Created),
    };

    private static JsonObject Json(SecretStoreState store, SecretState secret, DateTimeOffset now, bool deleted = false)
    {
        var json = new JsonObject
        {
            ["id"] = secret.Id,
            ["name"] = secret.Name,
            ["status"] = deleted ? "deleted" : secret.StatusAt(now) == SecretStatus.Active ? "active" : "pending",
            ["store_id"] = store.Id,
            ["created"] = JsonText.Time(secret.Created),
            ["modified"] = JsonText.Time(secret.Modified),
            ["scopes"] = new JsonArray([.. secret.Scopes.Select(scope => JsonValue.Create(scope))]),
        };
        if (secret.Comment is not null)
            json["comment"] = secret.Comment;
        return json;
    }
}
