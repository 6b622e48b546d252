using System.Text.Json.Nodes;
using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.Management.Routes;

/// <summary>
/// Dynamic routes (contract section 5). Lists answer `{success, data}`, the rename `{success, route}`, all others the usual envelope. A route that is
/// not there is 7005, a gateway 7002.
/// </summary>
public static class RouteEndpoints
{
    private const string Newest = "created_at";

    private static readonly Shape Rename = Shapes.ObjectOf(new Member("name", Shapes.Text(1), Required: true));
    private static readonly Shape Deployment = Shapes.ObjectOf(new Member("version_id", Shapes.Text(1), Required: true));

    public static IServiceCollection AddRoutes(this IServiceCollection services) => services.AddSingleton<RouteGraphReader>().AddSingleton<RouteJson>();

    public static void MapRoutes(this IEndpointRouteBuilder account)
    {
        var graphs = account.Of<RouteGraphReader>();
        var routes = account.MapGroup("/ai-gateway/gateways/{gatewayId}/routes").Requires(Permission.AiGatewayRead, Permission.AiGatewayWrite).WithTags("Dynamic routes");
        routes.MapGet("", List).WithSummary("Dynamic routes of a gateway").Asks(AskedParameter.Pages(1, 100));
        routes.MapPost("", Create).WithSummary("Create a dynamic route, deployed").Takes(NewRoute(graphs));
        routes.MapGet("/{routeId}", Get).WithSummary("One dynamic route");
        routes.MapPatch("/{routeId}", Change).WithSummary("Rename a dynamic route").Takes(Rename);
        routes.MapDelete("/{routeId}", Delete).WithSummary("Delete a dynamic route");
        routes.MapGet("/{routeId}/versions", ListVersions).WithSummary("Versions of a dynamic route");
        routes.MapPost("/{routeId}/versions", CreateVersion).WithSummary("Save a version, not deployed").Takes(Shapes.ObjectOf(graphs.Elements));
        routes.MapGet("/{routeId}/versions/{versionId}", GetVersion).WithSummary("One version of a dynamic route");
        routes.MapGet("/{routeId}/deployments", ListDeployments).WithSummary("Deployments of a dynamic route");
        routes.MapPost("/{routeId}/deployments", Deploy).WithSummary("Deploy a version; an older one is a rollback").Takes(Deployment);
    }

    private static Shape NewRoute(RouteGraphReader graphs) => Shapes.ObjectOf(new Member("name", Shapes.Text(1), Required: true), graphs.Elements);

    private static IResult List(HttpContext context, string gatewayId, RouteJson json) => context.Account().FindGateway(gatewayId) is { } gateway
        ? Page(context, "routes", [.. gateway.Routes.Routes.Reverse().Select(route => json.Listed(gateway, route))])
        : Envelope.NotFound();

    private static async Task<IResult> Create(
        HttpContext context, string gatewayId, RouteGraphReader reader, RouteJson json, EmulatorOptions options, CancellationToken cancellationToken)
    {
        if (context.Account().FindGateway(gatewayId) is not { } gateway)
            return Envelope.NotFound();
        var (body, refusal) = await ValidBody.ReadAsync(
            context.Request, NewRoute(reader), cancellationToken);
        if (refusal is not null)
            return refusal;
        var (name, elements) = (body.GetProperty("name").GetString()!, body.GetProperty("elements"));
        return gateway.Routes.Add(name, elements, reader.Read(elements, FieldPath.Body, [])) is { } route
            ? Envelope.Result(json.Full(gateway, route, elements: true))
            : AlreadyExists(name, options.Assumptions);
    }

    private static IResult Get(HttpContext context, string gatewayId, string routeId, RouteJson json, EmulatorOptions options) =>
        InRoute(context, gatewayId, routeId, (gateway, route) => Envelope.Result(json.Full(gateway, route, options.Assumptions.RouteGetHasElements)));

    private static async Task<IResult> Change(HttpContext context, string gatewayId, string routeId, RouteJson json, EmulatorOptions options, CancellationToken cancellationToken)
    {
        if (context.Account().FindGateway(gatewayId) is not { } gateway)
            return Envelope.NotFound();
        if (gateway.Routes.Find(routeId) is null)
            return NotFound("Route");
        var (body, refusal) = await ValidBody.ReadAsync(context.Request, Rename, cancellationToken);
        if (refusal is not null)
            return refusal;
        var name = body.GetProperty("name").GetString()!;
        return gateway.Routes.Rename(routeId, name) switch
        {
            (null, _) => NotFound("Route"),
            (_, false) => AlreadyExists(name, options.Assumptions),
            var (route, _) => Envelope.Named("route", json.Renamed(gateway, route)),
        };
    }

    private static IResult Delete(HttpContext context, string gatewayId, string routeId)
    {
        if (context.Account().FindGateway(gatewayId) is not { } gateway)
            return Envelope.NotFound();
        return gateway.Routes.Remove(routeId) is { } route ? Envelope.Result(RouteJson.WithElements(gateway, route)) : NotFound("Route");
    }

    private static IResult ListVersions(HttpContext context, string gatewayId, string routeId, RouteJson json) => InRoute(context, gatewayId, routeId, (_, route) =>
        Page(context, "versions", [.. route.Versions.Reverse().Select(version => json.Version(route, version))]));

    private static async Task<IResult> CreateVersion(
        HttpContext context, string gatewayId, string routeId, RouteGraphReader reader, RouteJson json, CancellationToken cancellationToken)
    {
        if (context.Account().FindGateway(gatewayId) is not { } gateway)
            return Envelope.NotFound();
        if (gateway.Routes.Find(routeId) is null)
            return NotFound("Route");
        var (body, refusal) = await ValidBody.ReadAsync(context.Request, Shapes.ObjectOf(reader.Elements), cancellationToken);
        if (refusal is not null)
            return refusal;
        var elements = body.GetProperty("elements");
        return gateway.Routes.AddVersion(routeId, elements, reader.Read(elements, FieldPath.Body, [])) is var (route, version)
            ? Envelope.Result(json.VersionResult(gateway, route, version))
            : NotFound("Route");
    }

    private static IResult GetVersion(HttpContext context, string gatewayId, string routeId, string versionId, RouteJson json) =>
        InRoute(context, gatewayId, routeId, (gateway, route) => route.FindVersion(versionId) is { } version
            ? Envelope.Result(json.VersionResult(gateway, route, version))
            : NotFound("Version"));

    private static IResult ListDeployments(HttpContext context, string gatewayId, string routeId) => InRoute(context, gatewayId, routeId, (_, route) =>
        Page(context, "deployments", [.. route.Deployments.Reverse().Select(RouteJson.Deployment)]));

    private static async Task<IResult> Deploy(HttpContext context, string gatewayId, string routeId, RouteJson json, CancellationToken cancellationToken)
    {
        if (context.Account().FindGateway(gatewayId) is not { } gateway)
            return Envelope.NotFound();
        if (gateway.Routes.Find(routeId) is null)
            return NotFound("Route");
        var (body, refusal) = await ValidBody.ReadAsync(context.Request, Deployment, cancellationToken);
        if (refusal is not null)
            return refusal;
        return gateway.Routes.Deploy(routeId, body.GetProperty("version_id").GetString()!) is { } route
            ? Envelope.Result(json.Full(gateway, route, elements: true))
            : NotFound("Version");
    }

    private static IResult InRoute(HttpContext context, string gatewayId, string routeId, Func<GatewayState, RouteState, IResult> answer)
    {
        if (context.Account().FindGateway(gatewayId) is not { } gateway)
            return Envelope.NotFound();
        return gateway.Routes.Find(routeId) is { } route ? answer(gateway, route) : NotFound("Route");
    }

    // No totals: a client reads pages until one is empty.
    private static IResult Page(HttpContext context, string name, IReadOnlyList<JsonObject> all)
    {
        var errors = new List<ApiError>();
        var page = PageRequest.Read(context, 1, 100, errors);
        if (errors.Count > 0)
            return Envelope.Invalid(errors);
        return Envelope.Named("data", new JsonObject
        {
            [name] = new JsonArray([.. page.Of(all)]),
            ["order_by"] = Newest,
            ["order_by_direction"] = "desc",
            ["page"] = page.Page,
            ["per_page"] = page.PerPage,
        });
    }

    private static IResult NotFound(string what) => Envelope.Failure(StatusCodes.Status404NotFound, new ApiError(7005, $"{what} not found"));

    private static IResult AlreadyExists(string name, Assumptions assumptions) => assumptions.DuplicateRouteFailsInDatabase
        ? Envelope.Failure(StatusCodes.Status500InternalServerError, new ApiError(Code: null, "UNIQUE constraint failed: routes.name"))
        : Envelope.Failure(assumptions.DuplicateRouteStatus, new ApiError(7005, $"Route '{name}' already exists"));
}
