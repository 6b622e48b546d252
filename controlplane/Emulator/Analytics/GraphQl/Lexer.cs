using System.Globalization;
using System.Text;

namespace GatewayOps.Emulator.Analytics.GraphQl;

public enum TokenKind
{
    End,
    Name,
    Punctuator,
    Text,
    Number,
}

/// <param name="Text">The name, the punctuator, the unescaped string, or the number as written.</param>
public readonly record struct Token(TokenKind Kind, string Text, int Line, int Column);

/// <summary>Source text to tokens (spec.graphql.org, section 2.1).</summary>
public sealed class Lexer(string source)
{
    private int _at;
    private int _line = 1;
    private int _lineStart;

    public Token Next()
    {
        SkipIgnored();
        var (line, column) = (_line, _at - _lineStart + 1);
        if (_at == source.Length)
            return new Token(TokenKind.End, "", line, column);
        var sign = source[_at];
        var (kind, text) = sign switch
        {
            '_' or (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') => (TokenKind.Name, Run(c => c == '_' || char.IsAsciiLetterOrDigit(c))),
            '-' or (>= '0' and <= '9') => (TokenKind.Number, Number()),
            '"' => (TokenKind.Text, Text()),
            '.' when source.AsSpan(_at).StartsWith("...") => (TokenKind.Punctuator, Take(3)),
            '{' or '}' or '(' or ')' or '[' or ']' or ':' or '!' or '$' or '@' or '=' or '|' or '&' => (TokenKind.Punctuator, Take(1)),
            _ => throw Unexpected($"unexpected character '{sign}'"),
        };
        return new Token(kind, text, line, column);
    }

    private QueryException Unexpected(string what) => new($"error parsing query: {what} at line {_line}, column {_at - _lineStart + 1}");

    private string Take(int count)
    {
        _at += count;
        return source[(_at - count).._at];
    }

    private string Run(Func<char, bool> accepts)
    {
        var start = _at;
        while (_at < source.Length && accepts(source[_at]))
            _at++;
        return source[start.._at];
    }

    private string Number()
    {
        var text = Run(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '+' or '.');
        return decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _) ? text : throw Unexpected($"'{text}' is no number");
    }

    private void SkipIgnored()
    {
        for (; _at < source.Length; _at++)
        {
            if (source[_at] == '#')
                _ = Run(c => c is not ('\n' or '\r'));
            if (_at == source.Length || source[_at] is not (' ' or '\t' or ',' or '\r' or '\n' or '\uFEFF'))
                return;
            if (source[_at] == '\n')
                (_line, _lineStart) = (_line + 1, _at + 1);
        }
    }

    private string Text()
    {
        if (source.AsSpan(_at).StartsWith("\"\"\""))
            return Block();
        var text = new StringBuilder();
        for (_at++; _at < source.Length && source[_at] is not ('\n' or '\r'); _at++)
        {
            if (source[_at] == '"')
            {
                _at++;
                return text.ToString();
            }
            text.Append(source[_at] == '\\' ? Escaped() : source[_at]);
        }
        throw Unexpected("a string does not end");
    }

    private char Escaped()
    {
        _at++;
        if (_at + 4 < source.Length && source[_at] == 'u' && ushort.TryParse(source.AsSpan(_at + 1, 4), NumberStyles.AllowHexSpecifier, null, out var code))
        {
            _at += 4;
            return (char)code;
        }
        return (_at < source.Length ? source[_at] : '\0') switch
        {
            '"' => '"',
            '\\' => '\\',
            '/' => '/',
            'b' => '\b',
            'f' => '\f',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            _ => throw Unexpected("a string has an unknown escape"),
        };
    }

    private string Block()
    {
        var end = source.IndexOf("\"\"\"", _at + 3, StringComparison.Ordinal);
        if (end < 0)
            throw Unexpected("a string does not end");
        var text = source[(_at + 3)..end];
        _at = end + 3;
        if (text.LastIndexOf('\n') is >= 0 and var last)
            (_line, _lineStart) = (_line + text.Count(c => c == '\n'), _at - 3 - (text.Length - last - 1));
        return text.Trim();
    }
}
