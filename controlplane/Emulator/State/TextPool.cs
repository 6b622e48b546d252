using System.Diagnostics.CodeAnalysis;

namespace GatewayOps.Emulator.State;

/// <summary>Texts that repeat from one log row to the next (models, paths, user agents, metadata), kept once. Bounded in number and length.</summary>
public sealed class TextPool
{
    // Beyond them the pool begins anew: rows keep the texts that they have.
    private const int MostTexts = 16_384;
    private const int LongestText = 512;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, string> _texts = new(StringComparer.Ordinal);

    [return: NotNullIfNotNull(nameof(text))]
    public string? Shared(string? text)
    {
        if (text is null || text.Length is 0 or > LongestText)
            return text;
        lock (_lock)
        {
            if (_texts.TryGetValue(text, out var shared))
                return shared;
            if (_texts.Count >= MostTexts)
                _texts.Clear();
            return _texts[text] = text;
        }
    }
}
