using System.Globalization;
using System.Text;

namespace GatewayOps.Emulator.Cel;

/// <summary>Cuts an expression into names, numbers, texts and signs.</summary>
internal static class CelLexer
{
    private static readonly string[] Signs = ["==", "!=", "<=", ">=", "&&", "||", "<", ">", "!", "(", ")", "[", "]", ".", ",", "-"];

    /// <exception cref="CelSyntaxException" />
    public static List<CelToken> Read(string text)
    {
        var tokens = new List<CelToken>();
        for (var at = 0; ;)
        {
            while (at < text.Length && char.IsWhiteSpace(text[at]))
                at++;
            if (at == text.Length)
            {
                tokens.Add(new CelToken(CelTokenKind.End, "", at + 1));
                return tokens;
            }
            var (token, end) = Next(text, at);
            tokens.Add(token);
            at = end;
        }
    }

    private static (CelToken Token, int End) Next(string text, int at)
    {
        var first = text[at];
        var raw = first is 'r' or 'R' && at + 1 < text.Length && text[at + 1] is '"' or '\'';
        if (raw || first is '"' or '\'')
            return Quoted(text, at, raw);
        if (char.IsAsciiLetter(first) || first == '_')
            return Run(text, at, CelTokenKind.Name, sign => char.IsAsciiLetterOrDigit(sign) || sign == '_');
        if (char.IsAsciiDigit(first))
            return Number(text, at);
        foreach (var sign in Signs)
            if (string.CompareOrdinal(text, at, sign, 0, sign.Length) == 0)
                return (new CelToken(CelTokenKind.Sign, sign, at + 1), at + sign.Length);
        throw Wrong(at, $"unexpected '{first}'");
    }

    private static (CelToken Token, int End) Run(string text, int at, CelTokenKind kind, Func<char, bool> belongs)
    {
        var end = at;
        while (end < text.Length && belongs(text[end]))
            end++;
        return (new CelToken(kind, text[at..end], at + 1), end);
    }

    private static (CelToken Token, int End) Number(string text, int at)
    {
        var end = at + 1;
        while (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] == '.' || (text[end] is '+' or '-' && text[end - 1] is 'e' or 'E')))
            end++;
        return decimal.TryParse(text.AsSpan(at, end - at), NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out _)
            ? (new CelToken(CelTokenKind.Number, text[at..end], at + 1), end)
            : throw Wrong(at, $"'{text[at..end]}' is no number");
    }

    private static (CelToken Token, int End) Quoted(string text, int start, bool raw)
    {
        var at = raw ? start + 1 : start;
        var (quote, value) = (text[at++], new StringBuilder());
        for (; at < text.Length && text[at] != quote; at++)
        {
            if (text[at] is '\n' or '\r')
                throw Wrong(at, "a text ends on its line");
            if (text[at] != '\\' || raw)
                value.Append(text[at]);
            else if (at + 1 < text.Length)
                at = Escape(text, at, value);
        }
        if (at >= text.Length)
            throw Wrong(start, "the text has no end");
        return (new CelToken(CelTokenKind.Text, value.ToString(), start + 1), at + 1);
    }

    /// <returns>Where the escape ends.</returns>
    private static int Escape(string text, int at, StringBuilder value)
    {
        var digits = text[at + 1] switch { 'x' => 2, 'u' => 4, _ => 0 };
        if (digits > 0)
        {
            if (at + 1 + digits >= text.Length || !ushort.TryParse(text.AsSpan(at + 2, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
                throw Wrong(at, $"\\{text[at + 1]} needs {digits} hexadecimal digits");
            value.Append((char)code);
            return at + 1 + digits;
        }
        value.Append(text[at + 1] switch
        {
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            '\\' or '"' or '\'' or '`' or '?' => text[at + 1],
            _ => throw Wrong(at, $"unknown escape \\{text[at + 1]}"),
        });
        return at + 1;
    }

    private static CelSyntaxException Wrong(int at, string message) => new(new CelError(at + 1, message));
}
