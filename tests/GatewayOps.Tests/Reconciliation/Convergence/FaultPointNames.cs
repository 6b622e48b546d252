using System.Text.RegularExpressions;
using GatewayOps.Tests.Conventions;

namespace GatewayOps.Tests.Reconciliation.Convergence;

/// <summary>The points at which the service can be killed, as the source names them: a new one is covered, or the runs fail.</summary>
internal static partial class FaultPointNames
{
    public static IReadOnlyList<string> All { get; } =
        [.. SourceFile.Below("controlplane/Service").SelectMany(file => Reached().Matches(file.Text)).Select(match => match.Groups[1].Value).Distinct().Order(StringComparer.Ordinal)];

    [GeneratedRegex("""FaultPoints\.Reach\("([a-z._]+)"\)""")]
    private static partial Regex Reached();
}
