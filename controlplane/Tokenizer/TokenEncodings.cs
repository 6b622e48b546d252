namespace GatewayOps.Tokenizer;

/// <summary>The encodings, each read from the program when it is first used (50 and 100 ms, once).</summary>
public static class TokenEncodings
{
    private static readonly Lazy<TokenEncoding> Cl100k = new(() => new TokenEncoding("cl100k_base", PieceSplitter.Cl100kBase));
    private static readonly Lazy<TokenEncoding> O200k = new(() => new TokenEncoding("o200k_base", PieceSplitter.O200kBase));

    private static int _loading;

    /// <summary>Of GPT-4 and GPT-3.5.</summary>
    public static TokenEncoding Cl100kBase => Cl100k.Value;

    /// <summary>Of GPT-4o and the models since.</summary>
    public static TokenEncoding O200kBase => O200k.Value;

    /// <summary>By tiktoken's name.</summary>
    internal static TokenEncoding Find(string name) => LazyOf(name).Value;

    /// <summary>The encoding if it has been read; otherwise null, and both are being read by another thread from now on.</summary>
    internal static TokenEncoding? FindOrLoad(string name)
    {
        if (LazyOf(name) is { IsValueCreated: true } ready)
            return ready.Value;
        if (Interlocked.Exchange(ref _loading, 1) == 0)
            ThreadPool.UnsafeQueueUserWorkItem(static _ => Load(), state: null);
        return null;
    }

    private static void Load()
    {
        _ = O200k.Value;
        _ = Cl100k.Value;
    }

    private static Lazy<TokenEncoding> LazyOf(string name) => name switch
    {
        "cl100k_base" => Cl100k,
        "o200k_base" => O200k,
        _ => throw new ArgumentException($"There is no encoding {name}.", nameof(name)),
    };
}
