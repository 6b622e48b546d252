using System.Text.RegularExpressions;
using GatewayOps.Rules.Matching;

namespace GatewayOps.Rules.Reading;

/// <summary>The kinds of text that a document holds.</summary>
internal static partial class Texts
{
    private static readonly string[] Methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

    public static readonly TextCheck Any = new("text", 2048);

    public static readonly TextCheck RuleSetName = Matching("a name of lower-case letters, digits, dots, dashes and underscores", 64, RuleSetNameForm());

    public static readonly TextCheck RuleName = Matching("a name of letters, digits, dots, dashes and underscores", 64, RuleNameForm());

    // Source: Cloudflare contract, section 2.1.
    public static readonly TextCheck GatewayId = Matching("a gateway id of lower-case letters, digits and underscores, joined by single dashes", 64, GatewayIdForm());

    public static readonly TextCheck BodyField = new("the name of a top-level field of the request body", 64);

    public static readonly TextCheck ModelName = new("a model name", 256);

    public static readonly TextCheck PathPattern = new(
        "a path pattern such as \"/chat/completions\"",
        Rules.Matching.PathPattern.MaxLength,
        text => Rules.Matching.PathPattern.Parse(text, out var fault) is null ? new TextFault(RuleSetErrorCodes.InvalidPattern, fault!) : null);

    public static readonly TextCheck ModelGlob = new("a model name, with \"*\" for any characters", 256);

    public static readonly TextCheck MethodGlob = new("an HTTP method in capitals, with \"*\" for any characters", 16, text => Among(text, Methods)
        ? null
        : new TextFault(RuleSetErrorCodes.InvalidValue, $"{Quote.Text(text)} matches no HTTP method, so this rule could never match. Known: {string.Join(", ", Methods)}."));

    public static readonly TextCheck Provider = new("the name of a provider", 64, text =>
        ProviderCatalogue.SlugOf(text) is null ? new TextFault(RuleSetErrorCodes.UnknownProvider, UnknownProvider(text)) : null);

    public static readonly TextCheck ProviderGlob = new("the name of a provider, with \"*\" for any characters", 64, text =>
        ProviderCatalogue.SlugOf(text) is not null || (text.Contains('*', StringComparison.Ordinal) && (text.StartsWith("custom-", StringComparison.Ordinal) || Among(text, ProviderCatalogue.Slugs)))
            ? null
            : new TextFault(RuleSetErrorCodes.UnknownProvider, UnknownProvider(text)));

    private static TextCheck Matching(string expected, int maxLength, Regex form) => new(expected, maxLength, text =>
        form.IsMatch(text) ? null : new TextFault(RuleSetErrorCodes.InvalidValue, $"Expected {expected}, found {Quote.Text(text)}."));

    private static bool Among(string glob, IEnumerable<string> known) => known.Any(name => new Glob(glob).IsMatch(name));

    private static string UnknownProvider(string name)
    {
        var fix = ProviderCatalogue.Suggest(name) is { } nearest
            ? $"Did you mean \"{nearest}\"?"
            : $"Known: {string.Join(", ", ProviderCatalogue.Slugs)}, and \"custom-\" followed by the slug of a custom provider.";
        return $"There is no provider {Quote.Text(name)}. {fix}";
    }

    [GeneratedRegex(@"\A[a-z0-9._-]+\z", RegexOptions.NonBacktracking)]
    private static partial Regex RuleSetNameForm();

    [GeneratedRegex(@"\A[A-Za-z0-9._-]+\z", RegexOptions.NonBacktracking)]
    private static partial Regex RuleNameForm();

    [GeneratedRegex(@"\A[a-z0-9_]+(?:-[a-z0-9_]+)*\z", RegexOptions.NonBacktracking)]
    private static partial Regex GatewayIdForm();
}
