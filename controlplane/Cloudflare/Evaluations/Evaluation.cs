using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Cloudflare.Http;

namespace GatewayOps.Cloudflare.Evaluations;

/// <summary>A measurement of the entries of some datasets. `Processed`: its results are there. Source: Cloudflare contract, section 6.</summary>
public sealed record Evaluation(string Id, string Name, bool Processed, long TotalLogs, IReadOnlyList<Dataset> Datasets, IReadOnlyList<EvaluationResult> Results)
{
    public string? GatewayId { get; init; }
    public DateTimeOffset? CreatedAt { get; init; }
    public DateTimeOffset? ModifiedAt { get; init; }

    internal static Evaluation Read(JsonElement element) => new(
        element.RequiredText("id"), element.Text("name") ?? "", element.Flag("processed") ?? false, element.Whole("total_logs") ?? 0,
        [.. element.Items("datasets").Select(Dataset.Read)], [.. element.Items("results").Select(EvaluationResult.Read)])
    {
        GatewayId = element.Text("gateway_id"),
        CreatedAt = element.Time("created_at"),
        ModifiedAt = element.Time("modified_at"),
    };
}

/// <summary>What one type of evaluation found. `Status` is Cloudflare's number, with its description.</summary>
public sealed record EvaluationResult(string Id, string TypeId, string Result, decimal? Status, string StatusDescription, long TotalLogs)
{
    internal static EvaluationResult Read(JsonElement element) => new(
        element.RequiredText("id"), element.Text("evaluation_type_id") ?? "", element.Text("result") ?? "", element.Decimal("status"), element.Text("status_description") ?? "",
        element.Whole("total_logs") ?? 0);
}

/// <summary>A kind of evaluation that Cloudflare offers.</summary>
public sealed record EvaluationType(string Id, string Name, string Type, string Description, bool Enabled, bool Mandatory)
{
    internal static EvaluationType Read(JsonElement element) => new(
        element.RequiredText("id"), element.Text("name") ?? "", element.Text("type") ?? "", element.Text("description") ?? "", element.Flag("enable") ?? false, element.Flag("mandatory") ?? false);
}

/// <summary>An evaluation to create, of these datasets by these types.</summary>
public sealed record NewEvaluation(string Name, IReadOnlyList<string> DatasetIds, IReadOnlyList<string> TypeIds)
{
    internal JsonObject ToJson() => new() { ["name"] = Name, ["dataset_ids"] = Texts(DatasetIds), ["evaluation_type_ids"] = Texts(TypeIds) };

    private static JsonArray Texts(IReadOnlyList<string> texts) => new([.. texts.Select(text => (JsonNode)text)]);
}

/// <summary>Which evaluations; null does not narrow.</summary>
public sealed record EvaluationQuery(bool? Processed = null, string? Name = null, string? Search = null);
