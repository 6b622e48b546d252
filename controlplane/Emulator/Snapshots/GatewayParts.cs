using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Emulator.Management;
using GatewayOps.Emulator.Management.Evaluations;
using GatewayOps.Emulator.Management.Policies;
using GatewayOps.Emulator.Management.ProviderConfigs;
using GatewayOps.Emulator.Management.Routes;
using GatewayOps.Emulator.Policies;
using GatewayOps.Emulator.State;
using static GatewayOps.Emulator.Management.Shapes;
using static GatewayOps.Emulator.Snapshots.SnapshotWords;

namespace GatewayOps.Emulator.Snapshots;

/// <summary>What a gateway holds, area by area.</summary>
public sealed class GatewayParts(RouteGraphReader graphs, EmulatorClock clock)
{
    public IReadOnlyList<SnapshotPart<GatewayState>> All =>
    [
        new("providerConfigs", ArrayOf(Closed(Id, ModifiedAt, Body(ProviderConfigEndpoints.Body))), SaveConfigs, RestoreConfigs),
        new("routes", ArrayOf(Closed(
            Id, CreatedAt, ModifiedAt,
            new Member("name", Text(1), Required: true),
            new Member("versions", ArrayOf(Closed(Id, CreatedAt, graphs.Elements), minimum: 1), Required: true),
            new Member("deployments", ArrayOf(Closed(Id, CreatedAt, new Member("versionId", Text(1), Required: true)), minimum: 1)))), SaveRoutes, RestoreRoutes),
        new("datasets", ArrayOf(Dataset), SaveDatasets, RestoreDatasets),
        new("evaluations", ArrayOf(Closed(
            Id, CreatedAt,
            new Member("name", Text(1), Required: true),
            new Member("processedAt", Time),
            new Member("totalLogs", Integer(0), Required: true),
            new Member("datasets", ArrayOf(Dataset), Required: true),
            new Member("results", ArrayOf(Closed(
                Id, new Member("typeId", Text(1), Required: true), new Member("value", NumberBetween(0, 1e15), Required: true), new Member("logs", Integer(0), Required: true))), Required: true))),
            SaveEvaluations, RestoreEvaluations),
        new("policies", ArrayOf(Closed(Id, CreatedAt, new Member("updatedAt", Time), new Member("draft", Flag), Body(PolicyShape.Whole))), SavePolicies, RestorePolicies),
        LogPart.Of(),
    ];

    private static Shape Dataset => Closed(Id, CreatedAt, ModifiedAt, Body(DatasetShape.Body));

    private static JsonArray? SaveConfigs(GatewayState gateway, SnapshotChoice choice) => Listed(gateway.ProviderConfigs, config =>
    {
        var body = new JsonObject
        {
            ["provider_slug"] = config.ProviderSlug,
            ["alias"] = config.Alias,
            ["default_config"] = config.DefaultConfig,
            ["secret_id"] = config.SecretId,
        };
        if (config.RateLimit is { } limit)
            body["rate_limit"] = limit;
        if (config.RateLimitPeriod is { } period)
            body["rate_limit_period"] = period;
        return new JsonObject { ["id"] = config.Id, ["modifiedAt"] = Written(config.ModifiedAt), ["body"] = body };
    });

    private void RestoreConfigs(GatewayState gateway, JsonElement saved, FieldPath at)
    {
        foreach (var (item, path) in saved.Items(at))
        {
            var body = item.Body();
            var (slug, alias) = (body.TextOf("provider_slug")!, body.TextOf("alias")!);
            if (body.TextOf("secret_id") is not { } secret)
                throw new SnapshotException(path["body"]["secret_id"], "Required: a snapshot has its secrets in secretsStore");
            var config = new ProviderConfigState(
                item.IdOr(Identifier.NewUuid()), slug, alias, body.FlagOf("default_config"), secret, body.NumberOf("rate_limit"), body.NumberOf("rate_limit_period"),
                item.TimeOf("modifiedAt") ?? clock.GetUtcNow());
            if (!gateway.AddProviderConfig(config))
                throw new SnapshotException(path, $"provider config '{alias}' of provider '{slug}' is there twice");
        }
    }

    private static JsonArray? SaveRoutes(GatewayState gateway, SnapshotChoice choice) => Listed(gateway.Routes.Routes, route => new JsonObject
    {
        ["id"] = route.Id,
        ["name"] = route.Name,
        ["createdAt"] = Written(route.CreatedAt),
        ["modifiedAt"] = Written(route.ModifiedAt),
        ["versions"] = Listed(route.Versions, version => new JsonObject { ["id"] = version.Id, ["createdAt"] = Written(version.CreatedAt), ["elements"] = Node(version.Elements) }),
        ["deployments"] = Listed(route.Deployments, deployment =>
            new JsonObject { ["id"] = deployment.Id, ["createdAt"] = Written(deployment.CreatedAt), ["versionId"] = deployment.VersionId }),
    });

    private void RestoreRoutes(GatewayState gateway, JsonElement saved, FieldPath at)
    {
        foreach (var (item, path) in saved.Items(at))
        {
            var now = clock.GetUtcNow();
            RouteVersion[] versions = [.. item.GetProperty("versions").EnumerateArray().Select(version => new RouteVersion(
                version.IdOr(Identifier.NewUuid()), version.GetProperty("elements").Clone(), graphs.Read(version.GetProperty("elements"), FieldPath.Body, []), version.TimeOf("createdAt") ?? now))];
            // A route that was written by hand serves its last version.
            RouteDeployment[] deployments = item.TryGetProperty("deployments", out var deployed)
                ? [.. deployed.EnumerateArray().Select(one => new RouteDeployment(one.IdOr(Identifier.NewUuid()), one.TextOf("versionId")!, one.TimeOf("createdAt") ?? now))]
                : [new RouteDeployment(Identifier.NewUuid(), versions[^1].Id, versions[^1].CreatedAt)];
            if (deployments.Index().FirstOrDefault(one => versions.All(version => version.Id != one.Item.VersionId)) is { Item: { } lost } nowhere)
                throw new SnapshotException(path["deployments"][nowhere.Index]["versionId"], $"the route has no version '{lost.VersionId}'");
            var route = new RouteState
            {
                Id = item.IdOr(Identifier.NewUuid()),
                Name = item.TextOf("name")!,
                CreatedAt = item.TimeOf("createdAt") ?? now,
                ModifiedAt = item.TimeOf("modifiedAt") ?? now,
                Versions = versions,
                Deployments = deployments,
            };
            if (!gateway.Routes.Restore(route))
                throw new SnapshotException(path, $"route '{route.Name}', or its id, is there twice");
        }
    }

    private static JsonArray? SaveDatasets(GatewayState gateway, SnapshotChoice choice) => Listed(gateway.Evaluations.Datasets, Saved);

    private void RestoreDatasets(GatewayState gateway, JsonElement saved, FieldPath at)
    {
        foreach (var (item, path) in saved.Items(at))
        {
            if (!gateway.Evaluations.Restore(Read(item)))
                throw new SnapshotException(path, $"dataset '{item.Body().TextOf("name")}', or its id, is there twice");
        }
    }

    private static JsonObject Saved(DatasetState dataset) => new()
    {
        ["id"] = dataset.Id,
        ["createdAt"] = Written(dataset.CreatedAt),
        ["modifiedAt"] = Written(dataset.ModifiedAt),
        ["body"] = new JsonObject { ["name"] = dataset.Name, ["enable"] = dataset.Enable, ["filters"] = Node(dataset.Filters) },
    };

    private DatasetState Read(JsonElement saved)
    {
        var (body, now) = (saved.Body(), clock.GetUtcNow());
        return new DatasetState(
            saved.IdOr(Identifier.NewUuid()), body.TextOf("name")!, body.FlagOf("enable"), body.GetProperty("filters").Clone(),
            saved.TimeOf("createdAt") ?? now, saved.TimeOf("modifiedAt") ?? now);
    }

    private static JsonArray? SaveEvaluations(GatewayState gateway, SnapshotChoice choice) => Listed(gateway.Evaluations.Evaluations, evaluation => new JsonObject
    {
        ["id"] = evaluation.Id,
        ["name"] = evaluation.Name,
        ["createdAt"] = Written(evaluation.CreatedAt),
        ["processedAt"] = Written(evaluation.ProcessedAt),
        ["totalLogs"] = evaluation.TotalLogs,
        ["datasets"] = new JsonArray([.. evaluation.Datasets.Select(Saved)]),
        ["results"] = new JsonArray([.. evaluation.Results.Select(result =>
            new JsonObject { ["id"] = result.Id, ["typeId"] = result.TypeId, ["value"] = result.Value, ["logs"] = result.Logs })]),
    });

    private void RestoreEvaluations(GatewayState gateway, JsonElement saved, FieldPath at)
    {
        foreach (var (item, path) in saved.Items(at))
        {
            var created = item.TimeOf("createdAt") ?? clock.GetUtcNow();
            var evaluation = new EvaluationState
            {
                Id = item.IdOr(Identifier.NewUuid()),
                Name = item.TextOf("name")!,
                Datasets = [.. item.GetProperty("datasets").EnumerateArray().Select(Read)],
                TotalLogs = item.GetProperty("totalLogs").GetInt32(),
                Results = [.. item.GetProperty("results").EnumerateArray().Select(result => new EvaluationResult(
                    result.IdOr(Identifier.NewUuid()), result.TextOf("typeId")!, result.GetProperty("value").GetDecimal(), result.GetProperty("logs").GetInt32()))],
                CreatedAt = created,
                ProcessedAt = item.TimeOf("processedAt") ?? created,
            };
            if (!gateway.Evaluations.AddEvaluation(evaluation))
                throw new SnapshotException(path, $"evaluation '{evaluation.Name}', or its id, is there twice");
        }
    }

    private static JsonArray? SavePolicies(GatewayState gateway, SnapshotChoice choice)
    {
        JsonObject Saved(Policy policy, bool draft)
        {
            var json = new JsonObject { ["id"] = policy.Id, ["createdAt"] = Written(policy.CreatedAt), ["updatedAt"] = Written(policy.UpdatedAt) };
            if (draft)
                json["draft"] = true;
            json["body"] = Node(policy.Fields);
            return json;
        }
        return Listed([.. gateway.Policies.Committed.Select(policy => Saved(policy, draft: false)), .. gateway.Policies.Drafts.Select(policy => Saved(policy, draft: true))], saved => saved);
    }

    private void RestorePolicies(GatewayState gateway, JsonElement saved, FieldPath at)
    {
        foreach (var (item, path) in saved.Items(at))
        {
            var now = clock.GetUtcNow();
            var policy = new Policy(item.IdOr(Identifier.NewUuid()), item.Body().Clone(), item.TimeOf("createdAt") ?? now, item.TimeOf("updatedAt") ?? now);
            if (!gateway.Policies.Restore(policy, item.FlagOf("draft")))
                throw new SnapshotException(path, $"policy '{policy.Id}' is there twice");
        }
    }
}
