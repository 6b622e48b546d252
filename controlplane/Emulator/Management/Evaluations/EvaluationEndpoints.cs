using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Emulator.State;
using static GatewayOps.Emulator.Management.Shapes;

namespace GatewayOps.Emulator.Management.Evaluations;

/// <summary>Evaluations of a gateway's logs, and what they can measure (contract section 6, deprecated there). An evaluation is never changed.</summary>
public static class EvaluationEndpoints
{
    private static readonly Shape Body = ObjectOf(
        new Member("name", Text(1), Required: true),
        new Member("dataset_ids", ArrayOf(Text(1)), Required: true),
        new Member("evaluation_type_ids", ArrayOf(Text(1)), Required: true));

    private static readonly Dictionary<string, Func<EvaluationType, IComparable?>> TypeOrders = new()
    {
        ["id"] = type => type.Id,
        ["name"] = type => type.Name,
        ["type"] = type => type.Type,
        ["mandatory"] = type => type.Mandatory,
        // All of them came into being together.
        ["created_at"] = type => type.Id,
        ["modified_at"] = type => type.Id,
    };

    public static void MapEvaluations(this RouteGroupBuilder account)
    {
        account.MapGet("/ai-gateway/evaluation-types", ListTypes).Requires(Permission.AiGatewayRead).WithSummary("What evaluations can measure").Asks([.. AskedParameter.Pages(1, 100), AskedParameter.Choice("order_by", [.. TypeOrders.Keys]), AskedParameter.Choice("order_by_direction", "asc", "desc")]).WithTags("Datasets and evaluations");
        var evaluations = account.MapGroup("/ai-gateway/gateways/{gatewayId}/evaluations").Requires(Permission.AiGatewayRead, Permission.AiGatewayWrite).WithTags("Datasets and evaluations");
        evaluations.MapGet("", List).WithSummary("Evaluations of a gateway").Asks([.. AskedParameter.Pages(1, 100), AskedParameter.Flag("processed"), AskedParameter.Text("name"), AskedParameter.Text("search")]);
        evaluations.MapPost("", Create).WithSummary("Create an evaluation").Takes(Body);
        evaluations.MapGet("/{id}", (HttpContext context, string gatewayId, string id, EmulatorClock clock, EmulatorOptions options) =>
            Found(context, gatewayId, store => store.FindEvaluation(id), clock, options)).WithSummary("One evaluation");
        evaluations.MapDelete("/{id}", (HttpContext context, string gatewayId, string id, EmulatorClock clock, EmulatorOptions options) =>
            Found(context, gatewayId, store => store.RemoveEvaluation(id), clock, options)).WithSummary("Delete an evaluation");
    }

    private static IResult ListTypes(HttpContext context)
    {
        var query = context.Request.Query;
        var errors = new List<ApiError>();
        var page = PageRequest.Read(context, 1, 100, errors);
        var order = ListQuery.Choice(query, "order_by", "created_at", [.. TypeOrders.Keys], errors);
        var direction = ListQuery.Choice(query, "order_by_direction", "asc", ["asc", "desc"], errors);
        if (errors.Count > 0)
            return Envelope.Invalid(errors);
        EvaluationType[] types = [.. EvaluationType.All.OrderBy(TypeOrders[order], ListQuery.Order).ThenBy(type => type.Id, StringComparer.Ordinal)];
        return page.Answer(direction == "asc" ? types : [.. types.Reverse<EvaluationType>()], type => type.ToJson());
    }

    private static IResult List(HttpContext context, string gatewayId, EmulatorClock clock, EmulatorOptions options)
    {
        var query = context.Request.Query;
        var errors = new List<ApiError>();
        var page = PageRequest.Read(context, 1, 100, errors);
        var processed = ListQuery.Flag(query, "processed", errors);
        if (errors.Count > 0)
            return Envelope.Invalid(errors);
        var now = clock.GetUtcNow();
        // Not 404: the real service lists nothing for a gateway that does not exist.
        EvaluationState[] found = [.. (context.Account().FindGateway(gatewayId)?.Evaluations.Evaluations ?? [])
            .Where(evaluation => processed is null || now >= evaluation.ProcessedAt == processed)
            .Where(evaluation => ListQuery.Contains(query, "name", evaluation.Name) && ListQuery.Contains(query, "search", evaluation.Id, evaluation.Name))];
        return page.Answer(found, evaluation => Json(evaluation, gatewayId, now >= evaluation.ProcessedAt, options));
    }

    private static async Task<IResult> Create(HttpContext context, string gatewayId, EmulatorClock clock, EmulatorOptions options, CancellationToken cancellationToken)
    {
        if (context.Account().FindGateway(gatewayId) is not { } gateway)
            return Envelope.NotFound();
        var (body, refusal) = await ValidBody.ReadAsync(context.Request, Body, cancellationToken);
        if (refusal is not null)
            return refusal;
        DatasetState?[] datasets = [.. Texts(body, "dataset_ids").Select(gateway.Evaluations.FindDataset)];
        EvaluationType?[] types = [.. Texts(body, "evaluation_type_ids").Select(EvaluationType.Find)];
        if (datasets.Contains(null) || types.Contains(null))
            return Envelope.NotFound();
        if (options.Assumptions.EvaluationsNeedMandatoryTypes && EvaluationType.All.FirstOrDefault(type => type.Mandatory && !types.Contains(type)) is { } missing)
            return Envelope.Invalid(ApiError.Invalid(FieldPath.Body["evaluation_type_ids"], $"Evaluation type '{missing.Type}' is mandatory"));

        var evaluation = Evaluate(gateway, body.GetProperty("name").GetString()!, datasets!, types!, clock.GetUtcNow(), options);
        // The real service works on it after the answer: it is never processed at once.
        return gateway.Evaluations.AddEvaluation(evaluation)
            ? Envelope.Result(Json(evaluation, gatewayId, processed: false, options))
            : Envelope.Invalid(ApiError.Invalid(FieldPath.Body["name"], $"Evaluation '{evaluation.Name}' already exists"));
    }

    private static EvaluationState Evaluate(
        GatewayState gateway, string name, IReadOnlyList<DatasetState> datasets, IReadOnlyList<EvaluationType> types, DateTimeOffset now, EmulatorOptions options)
    {
        Func<LogRow, bool>[] selections = [.. datasets.Select(DatasetShape.Selection)];
        Measurement[] measurements = [.. types.Select(type => new Measurement(type))];
        var total = 0;
        foreach (var row in gateway.Logs.Read().Where(row => selections.Any(selects => selects(row))))
        {
            total++;
            foreach (var measurement in measurements)
                measurement.Add(row);
        }
        return new EvaluationState
        {
            Id = Identifier.NewUuid(),
            Name = name,
            Datasets = datasets,
            TotalLogs = total,
            Results = [.. measurements.Select(measurement => measurement.Result)],
            CreatedAt = now,
            ProcessedAt = now + options.EvaluationDelay,
        };
    }

    private static IResult Found(HttpContext context, string gatewayId, Func<EvaluationStore, EvaluationState?> find, EmulatorClock clock, EmulatorOptions options) =>
        context.Account().FindGateway(gatewayId) is { } gateway && find(gateway.Evaluations) is { } evaluation
            ? Envelope.Result(Json(evaluation, gatewayId, clock.GetUtcNow() >= evaluation.ProcessedAt, options))
            : Envelope.NotFound();

    private static IEnumerable<string> Texts(JsonElement body, string name) => body.GetProperty(name).EnumerateArray().Select(item => item.GetString()!).Distinct();

    private static JsonObject Json(EvaluationState evaluation, string gatewayId, bool processed, EmulatorOptions options) => new()
    {
        ["id"] = evaluation.Id,
        ["gateway_id"] = gatewayId,
        ["name"] = evaluation.Name,
        ["processed"] = processed,
        ["total_logs"] = evaluation.TotalLogs,
        ["datasets"] = new JsonArray([.. evaluation.Datasets.Select(dataset => Dataset(dataset, gatewayId))]),
        ["results"] = processed ? new JsonArray([.. evaluation.Results.Select(result => Result(evaluation, result, options))]) : [],
        ["created_at"] = JsonText.Time(evaluation.CreatedAt),
        ["modified_at"] = JsonText.Time(processed ? evaluation.ProcessedAt : evaluation.CreatedAt),
    };

    private static JsonObject Dataset(DatasetState dataset, string gatewayId)
    {
        var json = DatasetEndpoints.Json(dataset, gatewayId);
        // Members that the types promise, and the real service leaves empty.
        json["account_id"] = null;
        json["account_tag"] = null;
        return json;
    }

    private static JsonObject Result(EvaluationState evaluation, EvaluationResult result, EmulatorOptions options) => new()
    {
        ["id"] = result.Id,
        ["evaluation_id"] = evaluation.Id,
        ["evaluation_type_id"] = result.TypeId,
        ["result"] = Math.Round(result.Value, 6).ToString("0.######", CultureInfo.InvariantCulture),
        ["status"] = options.Assumptions.EvaluationResultStatus,
        ["status_description"] = "completed",
        ["total_logs"] = result.Logs,
        ["created_at"] = JsonText.Time(evaluation.CreatedAt),
        ["modified_at"] = JsonText.Time(evaluation.ProcessedAt),
    };
}
