using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace GatewayOps.Emulator.Upstreams.Simulation;

/// <summary>
/// What one provider remembers of long prompts: a conversation that begins like an earlier one reports that beginning as cached. Beginnings end
/// with a turn; shorter ones than <see cref="LeastTokens"/> are not kept. Bounded, and forgotten <see cref="Lifetime"/> after the last use.
/// </summary>
public sealed class PromptCache(TimeProvider time)
{
    /// <summary>As OpenAI and Anthropic document it for most models.</summary>
    public const int LeastTokens = 1024;

    public const int MostPrefixes = 4096;

    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    /// <summary>OpenAI reports cached tokens in steps of so many.</summary>
    private const int Step = 128;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, DateTimeOffset> _expiries = [];

    /// <summary>Fills in <see cref="TokenTally.Cached"/> and <see cref="TokenTally.CacheWritten"/>, and remembers the conversation's beginnings.</summary>
    /// <param name="onlyMarked">Keep what the request marks and nothing else (Anthropic).</param>
    public TokenTally Meet(Conversation conversation, TokenTally tokens, bool onlyMarked = false)
    {
        if (tokens.Prompt < LeastTokens || (onlyMarked && !conversation.Turns.Any(turn => turn.EndsCachedPrefix)))
            return tokens;
        var beginnings = Beginnings(conversation, onlyMarked);
        if (beginnings.Count == 0)
            return tokens;

        lock (_lock)
        {
            var now = time.GetUtcNow();
            var known = beginnings.FindLast(one => _expiries.TryGetValue(one.Hash, out var kept) && now < kept);
            foreach (var (hash, _) in beginnings)
                _expiries[hash] = now + Lifetime;
            Shrink();
            return onlyMarked
                ? tokens with { Cached = known.Tokens, CacheWritten = beginnings[^1].Tokens - known.Tokens }
                : tokens with { Cached = known.Tokens / Step * Step };
        }
    }

    public void Forget()
    {
        lock (_lock)
            _expiries.Clear();
    }

    private static List<(string Hash, int Tokens)> Beginnings(Conversation conversation, bool onlyMarked)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(MemoryMarshal.AsBytes(conversation.Model.AsSpan()));
        var (found, tokens) = (new List<(string, int)>(), 0);
        foreach (var turn in conversation.Turns)
        {
            hash.AppendData([(byte)turn.Speaker, (byte)turn.Attachments]);
            hash.AppendData(MemoryMarshal.AsBytes(turn.Text.AsSpan()));
            tokens += SimulatedModel.TokensOf(turn);
            if (tokens >= LeastTokens && (turn.EndsCachedPrefix || !onlyMarked))
                found.Add((Convert.ToHexStringLower(hash.GetCurrentHash()), tokens));
        }
        return found;
    }

    // Half of it goes at once, so that a full cache is not sorted for every request.
    private void Shrink()
    {
        if (_expiries.Count <= MostPrefixes)
            return;
        foreach (var (hash, _) in _expiries.OrderBy(entry => entry.Value).Take(_expiries.Count - MostPrefixes / 2).ToArray())
            _expiries.Remove(hash);
    }
}
