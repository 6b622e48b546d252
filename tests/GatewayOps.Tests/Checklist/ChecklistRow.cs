using System.Text.RegularExpressions;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Checklist;

/// <summary>A feature of one of the five older systems. Source: Contract/checklist.md, our copy of the list.</summary>
/// <param name="Id">`S{system}-{number}`: S0 to S4.</param>
/// <param name="Feature">What the older system does, as the list says it.</param>
internal sealed partial record ChecklistRow(string Id, string Feature)
{
    public static IReadOnlyList<ChecklistRow> All { get; } =
        [.. File.ReadAllLines(Repository.File("tests/GatewayOps.Tests/Contract/checklist.md")).Select(line => Row().Match(line)).Where(row => row.Success).Select(row => new ChecklistRow(row.Groups["id"].Value, row.Groups["feature"].Value))];

    /// <summary>The older systems, in their order: S0 to S4.</summary>
    public static IReadOnlyList<string> Systems { get; } = [.. All.Select(row => row.System).Distinct()];

    public string System => Id[..2];

    [GeneratedRegex(@"^\| (?<id>S\d-\d\d) \| (?<feature>[^|]+?) \|")]
    private static partial Regex Row();
}
