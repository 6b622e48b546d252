using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Cloudflare.Http;
using GatewayOps.Cloudflare.Logs;

namespace GatewayOps.Cloudflare.Evaluations;

/// <summary>A selection of a gateway's log entries. `Fields` is the whole object as received. Deprecated, and not there for new accounts. Source: Cloudflare contract, section 6.</summary>
public sealed record Dataset(string Id, string Name, bool Enabled, IReadOnlyList<LogFilter> Filters, JsonObject Fields)
{
    public string? GatewayId { get; init; }
    public DateTimeOffset? CreatedAt { get; init; }
    public DateTimeOffset? ModifiedAt { get; init; }

    internal static Dataset Read(JsonElement element) => new(
        element.RequiredText("id"), element.Text("name") ?? "", element.Flag("enable") ?? false, [.. element.Items("filters").Select(LogFilter.Read)], element.Fields())
    {
        GatewayId = element.Text("gateway_id"),
        CreatedAt = element.Time("created_at"),
        ModifiedAt = element.Time("modified_at"),
    };
}

/// <summary>A dataset to create. Its filters know fewer keys than those of logs, and not `neq`.</summary>
public sealed record NewDataset(string Name, IReadOnlyList<LogFilter> Filters, bool Enabled = true)
{
    internal JsonObject ToJson() => new() { ["name"] = Name, ["enable"] = Enabled, ["filters"] = new JsonArray([.. Filters.Select(filter => filter.ToJson())]) };
}

/// <summary>Which datasets; null does not narrow.</summary>
public sealed record DatasetQuery(bool? Enabled = null, string? Name = null, string? Search = null);
