using System.Text.RegularExpressions;

namespace GatewayOps.Rules.Stacks;

/// <summary>Tells a text that is most likely a key or token from a name or an id.</summary>
public static partial class SecretShape
{
    public static bool Matches(string text) =>
        Known().IsMatch(text) || Run().Matches(text).Any(run => run.Value.Any(char.IsAsciiLetterUpper) && run.Value.Any(char.IsAsciiLetterLower) && run.Value.Any(char.IsAsciiDigit));

    // What providers and Cloudflare begin theirs with, a header, a JSON Web Token, a private key.
    [GeneratedRegex(@"(?:^|\W)(?:sk-|sk_|pk_live|rk_live|cfut_|cfat_|cfk_|eyJ[A-Za-z0-9_-]{8}|AKIA|ASIA|AIza|ghp_|gsk_|xai-|hf_|r8_|pplx-|xox[abp]-)|Bearer |-----BEGIN", RegexOptions.NonBacktracking)]
    private static partial Regex Known();

    [GeneratedRegex(@"[A-Za-z0-9]{24,}", RegexOptions.NonBacktracking)]
    private static partial Regex Run();
}
