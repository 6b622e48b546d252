using System.Globalization;

namespace GatewayOps.Cli.Models;

/// <summary>US dollars for people: an answer may cost a hundred thousandth of one.</summary>
internal static class Dollars
{
    public static string Of(decimal? cost) => cost is { } known ? "$" + known.ToString("0.00########", CultureInfo.InvariantCulture) : "cost not known";
}
