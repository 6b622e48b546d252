namespace GatewayOps.Emulator.Upstreams.Simulation;

/// <summary>
/// The simulator's tokens: a run of white space together with up to eight characters that follow it. It is no real
/// tokenizer; it is the same everywhere, so that figures can be checked by hand: "Hello wonderful world" is
/// `Hello`, ` wonderfu`, `l`, ` world`: four tokens.
/// </summary>
public static class SimulatedTokens
{
    /// <summary>Tokens that each message costs beside its text, as on the real API.</summary>
    public const int PerMessage = 4;

    /// <summary>Tokens of an image, audio or file part.</summary>
    public const int PerAttachment = 85;

    private const int WordLength = 8;

    /// <summary>The tokens as slices of the text: nothing is copied.</summary>
    public static Pieces Split(ReadOnlySpan<char> text) => new(text);

    public static int Count(ReadOnlySpan<char> text)
    {
        var count = 0;
        foreach (var _ in Split(text))
            count++;
        return count;
    }

    /// <summary>UTF-16 units that the first <paramref name="tokens"/> tokens take; all of them where there are fewer.</summary>
    public static int LengthOf(ReadOnlySpan<char> text, int tokens)
    {
        var length = 0;
        foreach (var piece in Split(text))
        {
            if (tokens-- <= 0)
                break;
            length += piece.Length;
        }
        return length;
    }

    public ref struct Pieces(ReadOnlySpan<char> text)
    {
        private ReadOnlySpan<char> _rest = text;

        public ReadOnlySpan<char> Current { get; private set; }

        public readonly Pieces GetEnumerator() => this;

        public bool MoveNext()
        {
            var (at, word) = (0, 0);
            while (at < _rest.Length)
            {
                var space = char.IsWhiteSpace(_rest[at]);
                if (word > 0 && (space || word == WordLength))
                    break;
                at += char.IsHighSurrogate(_rest[at]) && at + 1 < _rest.Length ? 2 : 1;
                word += space ? 0 : 1;
            }
            Current = _rest[..at];
            _rest = _rest[at..];
            return at > 0;
        }
    }
}
