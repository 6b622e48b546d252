using System.Globalization;
using System.Text.Json.Nodes;
using GatewayOps.Cli.Output;

namespace GatewayOps.Cli.Commands;

/// <summary>What tables of figures share.</summary>
internal static class Totals
{
    /// <summary>A last row with all together, for people, where there is more than one group.</summary>
    public static void AppendTo(OutputFormat format, JsonNode answer)
    {
        if (format == OutputFormat.Table && answer["groups"] is JsonArray { Count: > 1 } groups && answer["total"] is { } all)
        {
            var total = all.DeepClone();
            total["group"] = "total";
            groups.Add(total);
        }
    }

    public static Column Percent(string heading, string member) => new(heading, row => row[member] is { } value ? Percent(value) : "-");

    public static string Percent(JsonNode ratio) => (Cell.Number(ratio) * 100).ToString("0.0", CultureInfo.InvariantCulture) + " %";
}
