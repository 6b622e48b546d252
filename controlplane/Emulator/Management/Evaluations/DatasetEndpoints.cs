using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.Management.Evaluations;

/// <summary>Datasets of a gateway (contract section 6, deprecated there).</summary>
public static class DatasetEndpoints
{
    public static void MapDatasets(this RouteGroupBuilder account)
    {
        var datasets = account.MapGroup("/ai-gateway/gateways/{gatewayId}/datasets").Requires(Permission.AiGatewayRead, Permission.AiGatewayWrite).WithTags("Datasets and evaluations");
        datasets.MapGet("", List).WithSummary("Datasets of a gateway").Asks([.. AskedParameter.Pages(1, 100), AskedParameter.Flag("enable"), AskedParameter.Text("name"), AskedParameter.Text("search")]);
        datasets.MapPost("", Create).WithSummary("Create a dataset").Takes(DatasetShape.Body);
        datasets.MapGet("/{id}", (HttpContext context, string gatewayId, string id) => Found(context, gatewayId, store => store.FindDataset(id))).WithSummary("One dataset");
        datasets.MapPut("/{id}", Update).WithSummary("Replace a dataset").Takes(DatasetShape.Body);
        datasets.MapDelete("/{id}", (HttpContext context, string gatewayId, string id) => Found(context, gatewayId, store => store.RemoveDataset(id))).WithSummary("Delete a dataset");
    }

    public static JsonObject Json(DatasetState dataset, string gatewayId) => new()
    {
        ["id"] = dataset.Id,
        ["gateway_id"] = gatewayId,
        ["name"] = dataset.Name,
        ["enable"] = dataset.Enable,
        ["filters"] = JsonArray.Create(dataset.Filters),
        ["created_at"] = JsonText.Time(dataset.CreatedAt),
        ["modified_at"] = JsonText.Time(dataset.ModifiedAt),
    };

    private static IResult List(HttpContext context, string gatewayId)
    {
        if (context.Account().FindGateway(gatewayId) is not { } gateway)
            return Envelope.NotFound();
        var query = context.Request.Query;
        var errors = new List<ApiError>();
        var page = PageRequest.Read(context, 1, 100, errors);
        var enable = ListQuery.Flag(query, "enable", errors);
        if (errors.Count > 0)
            return Envelope.Invalid(errors);
        DatasetState[] found = [.. gateway.Evaluations.Datasets
            .Where(dataset => (enable ?? dataset.Enable) == dataset.Enable)
            .Where(dataset => ListQuery.Contains(query, "name", dataset.Name) && ListQuery.Contains(query, "search", dataset.Id, dataset.Name, dataset.Filters.GetRawText()))];
        return page.Answer(found, dataset => Json(dataset, gatewayId));
    }

    private static async Task<IResult> Create(HttpContext context, string gatewayId, CancellationToken cancellationToken)
    {
        if (context.Account().FindGateway(gatewayId) is not { } gateway)
            return Envelope.NotFound();
        var (body, refusal) = await ValidBody.ReadAsync(context.Request, DatasetShape.Body, cancellationToken);
        if (refusal is not null)
            return refusal;
        var (name, enable, filters) = Read(body);
        return gateway.Evaluations.AddDataset(name, enable, filters) is { } dataset ? Envelope.Result(Json(dataset, gatewayId)) : AlreadyExists(name);
    }

    private static async Task<IResult> Update(HttpContext context, string gatewayId, string id, CancellationToken cancellationToken)
    {
        if (context.Account().FindGateway(gatewayId)?.Evaluations is not { } store || store.FindDataset(id) is null)
            return Envelope.NotFound();
        var (body, refusal) = await ValidBody.ReadAsync(context.Request, DatasetShape.Body, cancellationToken);
        if (refusal is not null)
            return refusal;
        var (name, enable, filters) = Read(body);
        return store.ReplaceDataset(id, name, enable, filters) switch
        {
            (null, _) => Envelope.NotFound(),
            (_, true) => AlreadyExists(name),
            var (dataset, _) => Envelope.Result(Json(dataset, gatewayId)),
        };
    }

    private static IResult Found(HttpContext context, string gatewayId, Func<EvaluationStore, DatasetState?> find) =>
        context.Account().FindGateway(gatewayId) is { } gateway && find(gateway.Evaluations) is { } dataset ? Envelope.Result(Json(dataset, gatewayId)) : Envelope.NotFound();

    private static (string Name, bool Enable, JsonElement Filters) Read(JsonElement body) =>
        (body.GetProperty("name").GetString()!, body.GetProperty("enable").GetBoolean(), body.GetProperty("filters"));

    private static IResult AlreadyExists(string name) => Envelope.Invalid(ApiError.Invalid(FieldPath.Body["name"], $"Dataset '{name}' already exists"));
}
