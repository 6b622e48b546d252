using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace GatewayOps.Cloudflare.Analytics;

/// <summary>The datasets of the contract, section 15.</summary>
public static class AnalyticsDatasets
{
    public const string Requests = "aiGatewayRequestsAdaptiveGroups";
    public const string Cache = "aiGatewayCacheAdaptiveGroups";
    public const string Errors = "aiGatewayErrorsAdaptiveGroups";
    public const string Size = "aiGatewaySizeAdaptiveGroups";
    public const string Inference = "aiInferenceAdaptiveGroups";
}

/// <summary>
/// Groups of a dataset from `From` (inclusive) until `Until` (exclusive), by the dimensions named. Numbers are sampled and come 14 minutes late or more.
/// Names are those of Cloudflare's schema: dimensions as `model`, sums as `cost`, quantiles as `durationMsP50`, maxima as `rows`, orders as `datetimeMinute_ASC`.
/// </summary>
public sealed partial record AnalyticsQuery(DateTimeOffset From, DateTimeOffset Until)
{
    public string Dataset { get; init; } = AnalyticsDatasets.Requests;
    public bool Count { get; init; } = true;
    public IReadOnlyList<string> Dimensions { get; init; } = [];
    public IReadOnlyList<string> Sums { get; init; } = [];
    public IReadOnlyList<string> Quantiles { get; init; } = [];
    public IReadOnlyList<string> Maxima { get; init; } = [];

    /// <summary>The dimension that the time is compared with. Null: `datetime`, or `datetimeMinute` where the contract knows no finer one.</summary>
    public string? TimeDimension { get; init; }
    public string? Gateway { get; init; }
    public string? Provider { get; init; }
    public string? Model { get; init; }

    /// <summary>More conditions, as `{"statusCode_geq":500}`.</summary>
    public JsonObject Filter { get; init; } = [];
    public IReadOnlyList<string> OrderBy { get; init; } = [];

    /// <summary>Groups at most.</summary>
    public int Limit { get; init; } = 1000;

    /// <summary>The document. Names that GraphQL does not know as names are refused: they are part of its text.</summary>
    internal string ToText(Assumptions assumptions)
    {
        foreach (var name in (IEnumerable<string>)[Dataset, Time, .. Dimensions, .. Sums, .. Quantiles, .. Maxima, .. OrderBy]) Check(name);
        IEnumerable<string> fields = [Count ? "count" : "", Below("sum", Sums), Below("quantiles", Quantiles), Below("max", Maxima), Below("dimensions", Dimensions)];
        var order = OrderBy.Count == 0 ? "" : $",orderBy:[{string.Join(',', OrderBy)}]";
        return $"query($acct:String!,$filter:{assumptions.FilterTypeOf(Dataset)}!,$limit:Int!){{viewer{{accounts(filter:{{accountTag:$acct}}){{{Dataset}(limit:$limit,filter:$filter{order}){{{string.Join(' ', fields.Where(field => field.Length > 0))}}}}}}}}}";
    }

    internal static string SettingsText(string dataset)
    {
        Check(dataset);
        return $"query($acct:String!){{viewer{{accounts(filter:{{accountTag:$acct}}){{settings{{{dataset}{{enabled notOlderThan maxDuration maxPageSize maxNumberOfFields availableFields}}}}}}}}}}";
    }

    internal JsonObject ToVariables(string account)
    {
        var filter = Filter.DeepClone().AsObject();
        filter[$"{Time}_geq"] = Text(From);
        filter[$"{Time}_lt"] = Text(Until);
        if (Gateway is not null) filter["gateway"] = Gateway;
        if (Provider is not null) filter["provider"] = Provider;
        if (Model is not null) filter["model"] = Model;
        return new() { ["acct"] = account, ["filter"] = filter, ["limit"] = Limit };
    }

    private string Time => TimeDimension ?? (Dataset is AnalyticsDatasets.Requests or AnalyticsDatasets.Inference ? "datetime" : "datetimeMinute");

    private static void Check(string name)
    {
        if (!Name().IsMatch(name)) throw new ArgumentException($"`{name}` is no name of a GraphQL field", nameof(name));
    }

    private static string Below(string name, IReadOnlyList<string> fields) => fields.Count == 0 ? "" : $"{name}{{{string.Join(' ', fields)}}}";

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'");

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]*$")]
    private static partial Regex Name();
}
