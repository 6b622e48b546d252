using static GatewayOps.Tokenizer.CharacterClass;

namespace GatewayOps.Tokenizer;

/// <summary>
/// Cuts a text into the pieces within which an encoding merges: words, numbers of up to three digits, punctuation, whitespace. They are those of the encoding's published regular
/// expression, read without backtracking, by characters instead of UTF-16 units, and no character more than a few times. Source: tiktoken, `pat_str` of each encoding.
/// </summary>
internal abstract class PieceSplitter
{
    /// <summary><c>(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+</c></summary>
    public static PieceSplitter Cl100kBase { get; } = new Cl100kSplitter();

    /// <summary>
    /// <c>[^\r\n\p{L}\p{N}]?U*L+C|[^\r\n\p{L}\p{N}]?U+L*C|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+</c> with
    /// U = <c>[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]</c>, L = <c>[\p{Ll}\p{Lm}\p{Lo}\p{M}]</c>, C = <c>(?i:'s|'t|'re|'ve|'m|'ll|'d)?</c>.
    /// </summary>
    public static PieceSplitter O200kBase { get; } = new O200kSplitter();

    /// <summary>Where the piece ends that begins at <paramref name="start"/>, a place before the end of the text.</summary>
    public int EndOfPiece(ReadOnlySpan<char> text, int start)
    {
        var first = CharacterClasses.At(text, start, out var width);
        if ((first & (Number | LineBreak)) == None)
        {
            var end = EndOfWord(text, start, first, start + width);
            if (end > start)
                return end;

            var symbols = text[start] == ' ' ? start + 1 : start;
            end = EndOfRun(text, symbols, Symbol);
            if (end > symbols)
                return EndOfTail(text, end);
        }

        return first == Number ? EndOfNumber(text, start) : EndOfWhite(text, start);
    }

    /// <summary><paramref name="start"/> where no word begins. A word may have one character before it that is none of its letters; <paramref name="second"/> is the place after it.</summary>
    protected abstract int EndOfWord(ReadOnlySpan<char> text, int start, CharacterClass first, int second);

    /// <summary>The end of what belongs to punctuation behind it: line breaks.</summary>
    protected abstract int EndOfTail(ReadOnlySpan<char> text, int start);

    protected static int EndOfRun(ReadOnlySpan<char> text, int start, CharacterClass classes)
    {
        while (start < text.Length && (CharacterClasses.At(text, start, out var width) & classes) != None)
            start += width;
        return start;
    }

    /// <summary>The end of 's, 't, 're, 've, 'm, 'll or 'd in any case; <paramref name="start"/> where there is none.</summary>
    protected static int EndOfContraction(ReadOnlySpan<char> text, int start)
    {
        if (start + 1 >= text.Length || text[start] != '\'')
            return start;
        var next = start + 2 < text.Length ? Lower(text[start + 2]) : '\0';
        return (Lower(text[start + 1]), next) switch
        {
            ('s' or 't' or 'm' or 'd', _) => start + 2,
            ('r', 'e') or ('v', 'e') or ('l', 'l') => start + 3,
            _ => start,
        };

        // The long s is an s to a pattern without case.
        static char Lower(char unit) => unit is 'ſ' ? 's' : char.IsAsciiLetterUpper(unit) ? (char)(unit | 0x20) : unit;
    }

    private static int EndOfNumber(ReadOnlySpan<char> text, int start)
    {
        for (var digits = 0; digits < 3 && start < text.Length && CharacterClasses.At(text, start, out var width) == Number; digits++)
            start += width;
        return start;
    }

    // Up to the last line break; without one, all but the last, which belongs to what follows.
    private static int EndOfWhite(ReadOnlySpan<char> text, int start)
    {
        var end = EndOfRun(text, start, White);
        var lineBreak = text[start..end].LastIndexOfAny('\r', '\n');
        return lineBreak >= 0 ? start + lineBreak + 1
            : end == text.Length || end == start + 1 ? end
            : end - 1;
    }

    private sealed class Cl100kSplitter : PieceSplitter
    {
        protected override int EndOfWord(ReadOnlySpan<char> text, int start, CharacterClass first, int second)
        {
            if ((first & Letter) != None)
                return EndOfRun(text, second, Letter);
            if (EndOfContraction(text, start) is var contraction && contraction > start)
                return contraction;
            return EndOfRun(text, second, Letter) is var end && end > second ? end : start;
        }

        protected override int EndOfTail(ReadOnlySpan<char> text, int start) => EndOfRun(text, start, LineBreak);
    }

    private sealed class O200kSplitter : PieceSplitter
    {
        // The alternatives of the expression in their order: capitals that end in a small letter, then capitals alone; each first with the character before it.
        protected override int EndOfWord(ReadOnlySpan<char> text, int start, CharacterClass first, int second)
        {
            var isLetter = (first & Letter) != None;
            var after = isLetter ? start : second;
            var end = EndOfCapitalised(text, after, out var endOfCapitals);
            if (end == after && first == Mark)
                end = EndOfCapitalised(text, start, out _);
            else if (end == after)
                end = endOfCapitals;
            return end > after || (first == Mark && end > start) ? EndOfContraction(text, end) : start;
        }

        protected override int EndOfTail(ReadOnlySpan<char> text, int start)
        {
            while (start < text.Length && text[start] is '\r' or '\n' or '/')
                start++;
            return start;
        }

        /// <summary>U*L+: capitals and what has no case, as far as a letter that is no capital can still end them.</summary>
        private static int EndOfCapitalised(ReadOnlySpan<char> text, int start, out int endOfCapitals)
        {
            var (at, last, found) = (start, start, None);
            while (at < text.Length && ((found = CharacterClasses.At(text, at, out var width)) & (Upper | Caseless | Mark)) != None)
            {
                at += width;
                last = found == Upper ? last : at;
            }

            endOfCapitals = at;
            return at < text.Length && found == CharacterClass.Lower ? EndOfRun(text, at, CharacterClass.Lower | Caseless | Mark) : last;
        }
    }
}
