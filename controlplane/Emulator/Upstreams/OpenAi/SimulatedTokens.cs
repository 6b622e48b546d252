using System.Text;

namespace GatewayOps.Emulator.Upstreams.OpenAi;

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

    public static IEnumerable<string> Split(string text)
    {
        var piece = new StringBuilder();
        var word = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            var space = Rune.IsWhiteSpace(rune);
            if (word > 0 && (space || word == WordLength))
            {
                yield return piece.ToString();
                piece.Clear();
                word = 0;
            }
            piece.Append(rune);
            word += space ? 0 : 1;
        }
        if (piece.Length > 0)
            yield return piece.ToString();
    }

    public static int Count(string text) => Split(text).Count();
}
