using System.Text.RegularExpressions;

namespace GatewayOps.Tests.Docs;

/// <summary>A line of a shell that holds `gatewayops`.</summary>
internal static partial class CommandLine
{
    /// <summary>What follows the name of the program, without what the shell does before and after it.</summary>
    public static string Only(string line) => Alone().Match(line).Groups["rest"].Value.Trim();

    // Up to a pipe, a redirection or the next command; behind the last pipe into it.
    [GeneratedRegex(@"gatewayops(?<rest>(?: [^|<>&]*)?)(?:$|[<>&]|\| (?!.*gatewayops))")]
    private static partial Regex Alone();
}
