namespace GatewayOps.Tokenizer;

/// <summary>Tokens of a text, and how they were counted: the name of an encoding, or `estimate:` and what the estimate rests on.</summary>
public readonly record struct TokenCount(long Tokens, string Method);

/// <summary>Counts the tokens that a model makes of a text. What the provider adds around messages is not in it.</summary>
public static class TokenCounter
{
    private const string BytesMethod = "estimate:bytes/4";
    private const int BytesOfToken = 4;

    /// <summary>The whole text, whatever its length. The first call for an encoding reads it, which takes about a tenth of a second.</summary>
    public static TokenCount Count(ReadOnlySpan<char> model, ReadOnlySpan<char> text)
    {
        var encoding = ModelEncodings.Of(model);
        return new TokenCount(TokenEncodings.Find(encoding.Encoding).Count(text), encoding.Method);
    }

    /// <summary>
    /// Never long: of a text of more than <paramref name="bound"/> UTF-16 units that many are counted and the rest is taken to be like them (`estimate:`); an encoding that is not there yet is read
    /// in the background, and meanwhile a token is four bytes of UTF-8.
    /// </summary>
    public static TokenCount CountQuickly(ReadOnlySpan<char> model, ReadOnlySpan<char> text, int bound)
    {
        var encoding = ModelEncodings.Of(model);
        if (TokenEncodings.FindOrLoad(encoding.Encoding) is not { } found)
            return new TokenCount((System.Text.Encoding.UTF8.GetByteCount(text) + BytesOfToken - 1) / BytesOfToken, BytesMethod);
        if (text.Length <= bound)
            return new TokenCount(found.Count(text), encoding.Method);
        var counted = found.Count(text[..bound]);
        return new TokenCount((long)Math.Ceiling((double)counted * text.Length / bound), encoding.IsExact ? $"estimate:{encoding.Encoding}" : encoding.Method);
    }
}
