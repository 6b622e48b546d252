using System.Text.RegularExpressions;

namespace GatewayOps.ControlPlane.Access;

/// <summary>Names of tokens, virtual keys and tenants: what stands in records, headers and audit rows as it is.</summary>
internal static partial class TokenName
{
    public const string Rule = "1 to 64 of A-Z a-z 0-9 . _ -, starting with a letter or digit";

    public static bool IsValid(string name) => Form().IsMatch(name);

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 100)]
    private static partial Regex Form();
}
