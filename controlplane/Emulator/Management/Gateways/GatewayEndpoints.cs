using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.Management.Gateways;

/// <summary>Gateways (contract section 2).</summary>
public static class GatewayEndpoints
{
    public static void MapGateways(this IEndpointRouteBuilder account)
    {
        var shape = account.Of<GatewayShape>();
        var gateways = account.MapGroup("/ai-gateway/gateways").Requires(Permission.AiGatewayRead, Permission.AiGatewayWrite).WithTags("Gateways");
        gateways.MapGet("", List).WithSummary("Gateways of the account").Asks([.. AskedParameter.Pages(5, 100), AskedParameter.Text("search")]);
        gateways.MapPost("", Create).WithSummary("Create a gateway").Takes(shape.Create);
        gateways.MapGet("/{gatewayId}", Get).WithSummary("One gateway");
        gateways.MapPut("/{gatewayId}", Update).WithSummary("Overwrite a gateway's settings").Takes(shape.Update);
        gateways.MapDelete("/{gatewayId}", Delete).WithSummary("Delete a gateway and its logs");
        gateways.MapGet("/{gatewayId}/url/{provider}", Url).WithSummary("The gateway's address for a provider");
    }

    private static IResult List(HttpContext context)
    {
        var query = context.Request.Query;
        var errors = new List<ApiError>();
        var page = PageRequest.Read(context, 5, 100, errors);
        if (errors.Count > 0)
            return Envelope.Invalid(errors);
        var search = query["search"].ToString();
        GatewayState[] found = [.. context.Account().Gateways.Where(gateway => gateway.Id.Contains(search, StringComparison.OrdinalIgnoreCase))];
        return page.Answer(found, GatewayJson.Of);
    }

    private static async Task<IResult> Create(HttpContext context, GatewayShape shape, EmulatorOptions options, CancellationToken cancellationToken)
    {
        var (body, refusal) = await ReadAsync(context.Request, shape.Create, cancellationToken);
        if (refusal is not null)
            return refusal;
        var id = body.GetProperty("id").GetString()!;
        var (outcome, gateway) = context.Account().AddGateway(id, GatewayFields.Settled(Complete(Kept(body, shape, options), options)));
        return outcome switch
        {
            Added.AlreadyExists => Envelope.Failure(options.Assumptions.DuplicateGatewayStatus, ApiError.Invalid(FieldPath.Body["id"], $"Gateway '{id}' already exists")),
            Added.LimitReached => Envelope.Invalid(ApiError.Invalid(FieldPath.Body, $"Maximum number of gateways ({options.MaxGateways}) reached")),
            _ => Envelope.Result(GatewayJson.Of(gateway!)),
        };
    }

    private static IResult Get(HttpContext context, string gatewayId) =>
        context.Account().FindGateway(gatewayId) is { } gateway ? Envelope.Result(GatewayJson.Of(gateway)) : Envelope.NotFound();

    private static async Task<IResult> Update(HttpContext context, string gatewayId, GatewayShape shape, EmulatorOptions options, CancellationToken cancellationToken)
    {
        if (context.Account().FindGateway(gatewayId) is not { } gateway)
            return Envelope.NotFound();
        var partial = options.Assumptions.GatewayUpdatesMayBePartial;
        var (body, refusal) = await ReadAsync(context.Request, partial ? WithoutRequired(shape.Update) : shape.Update, cancellationToken);
        if (refusal is not null)
            return refusal;
        var updated = gateway.Update(current =>
        {
            var next = partial ? JsonObject.Create(current)! : [];
            foreach (var (name, value) in Kept(body, shape, options))
                next[name] = value?.DeepClone();
            return GatewayFields.Settled(Complete(next, options));
        });
        return Envelope.Result(GatewayJson.Of(gateway, updated));
    }

    private static IResult Delete(HttpContext context, string gatewayId) =>
        context.Account().RemoveGateway(gatewayId) is { } gateway ? Envelope.Result(GatewayJson.Of(gateway)) : Envelope.NotFound();

    private static IResult Url(HttpContext context, string gatewayId, string provider) =>
        context.Account().FindGateway(gatewayId) is { } gateway
            ? Envelope.Result($"{context.Request.Scheme}://{context.Request.Host}/v1/{gateway.AccountId}/{gateway.Id}/{Uri.EscapeDataString(provider)}")
            : Envelope.NotFound();

    private static async Task<(JsonElement Body, IResult? Refusal)> ReadAsync(HttpRequest request, Shape shape, CancellationToken cancellationToken)
    {
        if (await JsonText.ReadAsync(request, cancellationToken) is not { ValueKind: JsonValueKind.Object } body)
            return (default, Envelope.Invalid(ApiError.Invalid(FieldPath.Body, "Input Validation Error")));
        var errors = new List<ApiError>();
        shape.Check(body, FieldPath.Body, errors);
        return (body, errors.Count > 0 ? Envelope.Invalid(errors) : null);
    }

    private static JsonObject Kept(JsonElement body, GatewayShape shape, EmulatorOptions options)
    {
        var kept = JsonObject.Create(body)!;
        foreach (var name in options.KeepUnknownFields ? [] : kept.Select(member => member.Key).Except(shape.Names).ToArray())
            kept.Remove(name);
        return kept;
    }

    private static JsonObject Complete(JsonObject fields, EmulatorOptions options)
    {
        fields.TryAdd("log_management_strategy", options.Assumptions.DefaultLogStrategy);
        return fields;
    }

    private static Shape WithoutRequired(Shape update) => new(() => update.Schema, (value, path, errors) =>
    {
        update.Check(value, path, errors);
        errors.RemoveAll(error => error.Message == "Required" && error.Path!.ToJson().Count == 2);
    });
}
