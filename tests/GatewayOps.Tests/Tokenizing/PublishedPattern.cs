using System.Text.RegularExpressions;

namespace GatewayOps.Tests.Tokenizing;

/// <summary>
/// The published regular expressions of the encodings, to hold the hand-written splitter against. They see UTF-16 units, so they are right for texts without surrogates; `(?i:…)` is
/// written out, because .NET's has other equivalents than the reference's.
/// </summary>
internal static partial class PublishedPattern
{
    private const string Contraction = "'[sSſtTmMdD]|'[rR][eE]|'[vV][eE]|'[lL][lL]";
    private const string Rest = @"\s*[\r\n]+|\s+(?!\S)|\s+";
    private const string U = @"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]";
    private const string L = @"[\p{Ll}\p{Lm}\p{Lo}\p{M}]";
    private const string Before = @"[^\r\n\p{L}\p{N}]?";

    public static Regex Of(string encoding) => encoding == "o200k_base" ? O200kBase() : Cl100kBase();

    [GeneratedRegex($@"{Contraction}|{Before}\p{{L}}+|\p{{N}}{{1,3}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n]*|{Rest}", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex Cl100kBase();

    [GeneratedRegex($@"{Before}{U}*{L}+({Contraction})?|{Before}{U}+{L}*({Contraction})?|\p{{N}}{{1,3}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n/]*|{Rest}", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex O200kBase();
}
