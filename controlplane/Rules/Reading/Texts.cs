using GatewayOps.Rules.Matching;

namespace GatewayOps.Rules.Reading;

/// <summary>The kinds of text that a document holds.</summary>
internal static class Texts
{
    public static readonly string[] Methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

    /// <summary>Headers whose value is, or may be, a secret.</summary>
    public static readonly string[] CredentialHeaders =
    [
        "api-key", "authorization", "cf-access-client-id", "cf-access-client-secret", "cf-access-jwt-assertion", "cf-access-token", "cf-aig-authorization", "cookie", "proxy-authorization",
        "sec-websocket-protocol", "set-cookie", "x-amz-security-token", "x-api-key", "x-auth-key", "x-auth-token", "x-goog-api-key",
    ];

    // RFC 3986 pchar without `*`, which is ours, and without `%`: paths are matched decoded. See PathPatternSyntax, which explains what this refuses.
    private const string PathCharacter = @"[A-Za-z0-9\-._~!\$&'()+,;=:@]";
    private const string PathSegment = $@"\*\*|\*|(?:\*?{PathCharacter})+\*?";

    public static readonly TextCheck Any = new("text", 2048);

    public static readonly TextCheck RuleSetName = new("a name of lower-case letters, digits, dots, dashes and underscores", 64, new TextForm(@"[a-z0-9._\-]+")
    {
        Explain = LowerCase("a name of lower-case letters, digits, dots, dashes and underscores"),
    });

    public static readonly TextCheck RuleName = new("a name of letters, digits, dots, dashes and underscores", 64, new TextForm(@"[A-Za-z0-9._\-]+"));

    // Source: Cloudflare contract, section 2.1.
    public static readonly TextCheck GatewayId = new("a gateway id of lower-case letters, digits and underscores, joined by single dashes", 64, new TextForm(@"[a-z0-9_]+(?:-[a-z0-9_]+)*"));

    public static readonly TextCheck BodyField = new("the name of a top-level field of the request body", 64);

    public static readonly TextCheck ModelName = new("a model name", 256);

    public static readonly TextCheck PathPattern = new(
        "a path pattern such as \"/chat/completions\"",
        Rules.Matching.PathPattern.MaxLength,
        new TextForm($@"/|(?:/(?:{PathSegment})){{1,{Rules.Matching.PathPattern.MaxSegments}}}", refused: "/v1(?:/.*)?")
        {
            Explain = text => PathPatternSyntax.FaultOf(text) is { } fault ? new TextFault(RuleSetErrorCodes.InvalidPattern, fault) : null,
        });

    public static readonly TextCheck ModelGlob = new("a model name, with \"*\" for any characters", 256);

    public static readonly TextCheck MethodGlob = new("an HTTP method in capitals, with \"*\" for any characters", 16, new TextForm(@"[A-Z]*\*[A-Z*]*", names: Methods)
    {
        Explain = text => new TextFault(RuleSetErrorCodes.InvalidValue, NoMethod(text)),
    });

    public static readonly TextCheck Provider = new("the name of a provider", ProviderCatalogue.MaxLength, new TextForm(ProviderCatalogue.CustomPattern, names: ProviderCatalogue.Names)
    {
        Explain = text => new TextFault(RuleSetErrorCodes.UnknownProvider, UnknownProvider(text)),
    });

    public static readonly TextCheck ProviderGlob = new(
        "the name of a provider, with \"*\" for any characters",
        ProviderCatalogue.MaxLength,
        new TextForm($@"{ProviderCatalogue.CustomPattern}|[a-z0-9\-]*\*[a-z0-9*\-]*", names: ProviderCatalogue.Names)
        {
            Explain = text => new TextFault(RuleSetErrorCodes.UnknownProvider, UnknownProvider(text)),
        });

    public static readonly TextCheck KeyGlob = new("the name of a virtual key, with \"*\" for any characters", 128);

    // Source: Cloudflare contract, section 12.1 (cf-aig-metadata).
    public static readonly TextCheck MetadataName = new("the name of a metadata member", 64, new TextForm(@"[^\u0000-\u001f\u007f-\u009f\uffff]+", refused: @"cf\.[^\u0000-\u001f\u007f-\u009f\uffff]*")
    {
        Explain = text => new TextFault(RuleSetErrorCodes.InvalidValue, $"Names that begin with \"cf.\" are Cloudflare's own and never arrive: {Quote.Text(text)} could not match. Use another name."),
    });

    public static readonly TextCheck ValueGlob = new("a value, with \"*\" for any characters", 256);

    public static readonly TextCheck HeaderName = new("the name of a header in lower case", 64, new TextForm(@"[!#\$%&'*+.^_`|~0-9a-z\-]+", refused: string.Join('|', CredentialHeaders))
    {
        Explain = text => CredentialHeaders.Contains(text.ToLowerInvariant())
            ? new TextFault(RuleSetErrorCodes.CredentialHeader, $"The header {Quote.Text(text)} carries a credential, and rule sets hold none. Match by \"key\" (the name of the caller's virtual key), \"metadata\" or another header.")
            : LowerCase("the name of a header (letters, digits and dashes) in lower case")(text),
    });

    public static readonly TextCheck PolicyName = new("the name of a policy", 256);

    public static readonly TextCheck PolicyActor = new("whom the policy is for, such as \"user:{cf.user.id}\"", 256);

    public static readonly TextCheck PolicyGlob = new("a name, with \"*\" for any characters without a slash", 256);

    public static readonly TextCheck PolicyCondition = new("a condition in CEL such as \"metadata.team == 'core'\"", 4096);

    // Source: Cloudflare contract, section 4.2.
    public static readonly TextCheck CustomSlug = new("a slug of lower-case letters and digits, joined by single dashes", 64, new TextForm("[a-z0-9]+(?:-[a-z0-9]+)*", refused: @"custom-[a-z0-9\-]*")
    {
        Explain = text => text.StartsWith("custom-", StringComparison.Ordinal) && text.Length > 7
            ? new TextFault(RuleSetErrorCodes.InvalidValue, $"The prefix \"custom-\" is put before the slug by itself: write {Quote.Text(text[7..])}, and call the provider {Quote.Text(text)}.")
            : LowerCase("a slug of lower-case letters and digits, joined by single dashes")(text),
    });

    public static readonly TextCheck CustomName = new("the name of the provider for people", 256);

    public static readonly TextCheck BaseUrl = new("a base URL such as \"https://llm.example.com/v1\"", 1024, new TextForm(@"https://[A-Za-z0-9](?:[A-Za-z0-9.\-]*[A-Za-z0-9])?(?::[0-9]{1,5})?(?:/[A-Za-z0-9\-._~!\$&'()*+,;=:@%/]*)?")
    {
        Explain = text => new TextFault(RuleSetErrorCodes.InvalidValue, $"Expected https, a host and perhaps a path, without user, query and fragment (rule sets hold no credentials), {FoundUrl(text)}."),
    });

    public static readonly TextCheck Link = new("a link that begins with \"https://\"", 1024, new TextForm(@"https://[\u0021-\u003f\u0041-\u007e]+")
    {
        Explain = text => new TextFault(RuleSetErrorCodes.InvalidValue, $"Expected a link that begins with \"https://\", {FoundUrl(text)}."),
    });

    // Source: Cloudflare contract, section 5.1.
    public static readonly TextCheck ElementId = new("the id of an element", 64, new TextForm(@"[A-Za-z0-9._\-]+"));

    public static readonly TextCheck RateKey = new("what is counted by, such as \"metadata.user_id\"", 256);

    public static readonly TextCheck Share = new("a percentage such as \"10%\", or \"else\"", 16, new TextForm(@"[0-9]{1,3}(?:\.[0-9]{1,6})?%", names: ["else"]));

    public static string UnknownProvider(string name)
    {
        var fix = ProviderCatalogue.Suggest(name) is { } nearest
            ? $"Did you mean \"{nearest}\"?"
            : $"Known: {string.Join(", ", ProviderCatalogue.Slugs)}, and \"custom-\" followed by the slug of a custom provider.";
        return $"There is no provider {Quote.Text(name)}. {fix}";
    }

    public static string NoMethod(string glob)
    {
        var fix = Methods.Contains(glob.ToUpperInvariant()) ? $"Write it in capitals: \"{glob.ToUpperInvariant()}\"." : $"Known: {string.Join(", ", Methods)}.";
        return $"{Quote.Text(glob)} matches no HTTP method, so this rule could never match. {fix}";
    }

    private static Func<string, TextFault> LowerCase(string expected) => text =>
    {
        var lower = text.ToLowerInvariant();
        var fix = lower != text && lower.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_' or '.') ? $" Write \"{lower}\"." : "";
        return new TextFault(RuleSetErrorCodes.InvalidValue, $"Expected {expected}, found {Quote.Text(text)}.{fix}");
    };

    // A URL may hold a password, or a key in its query: it is not quoted then.
    private static string FoundUrl(string text) => text.IndexOfAny(['@', '?', '#']) >= 0 ? "found one with a user, a query or a fragment" : $"found {Quote.Text(text)}";
}
