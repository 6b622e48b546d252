namespace GatewayOps.ControlPlane.Content;

/// <summary>Names of rule sets: 1 to 64 of `a-z 0-9 . _ -`, the first a letter or digit.</summary>
public static class RuleSetName
{
    public const string Rule = "1 to 64 of a-z 0-9 . _ -, starting with a letter or digit";

    public static bool IsValid(string name) =>
        name.Length is > 0 and <= 64
        && (char.IsAsciiLetterLower(name[0]) || char.IsAsciiDigit(name[0]))
        && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '.' or '_' or '-');
}
