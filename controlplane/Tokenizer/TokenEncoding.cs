using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace GatewayOps.Tokenizer;

/// <summary>
/// One encoding of OpenAI's, exact: the ids are those of tiktoken for ordinary text, in which the names of special tokens (`&lt;|endoftext|&gt;`) are text, too. Half of a surrogate pair counts as
/// U+FFFD. Safe from any thread; counting allocates nothing and takes time in proportion to the text, but for a single piece of thousands of bytes, which takes n log n.
/// </summary>
public sealed class TokenEncoding
{
    private const int OrdinaryPiece = 512;

    private readonly PieceSplitter _splitter;
    private readonly RankTable _ranks;

    internal TokenEncoding(string name, PieceSplitter splitter)
    {
        (Name, _splitter) = (name, splitter);
        _ranks = RankTable.Load($"{name}.tiktoken.gz");
    }

    /// <summary>As tiktoken names it.</summary>
    public string Name { get; }

    /// <summary>Ids run from 0 to this, exclusive; special tokens are not among them.</summary>
    public int Tokens => _ranks.Count;

    public int Count(ReadOnlySpan<char> text) => Encode(text, ids: null);

    public IReadOnlyList<int> Encode(ReadOnlySpan<char> text)
    {
        var ids = new List<int>();
        Encode(text, ids);
        return ids;
    }

    private int Encode(ReadOnlySpan<char> text, List<int>? ids)
    {
        Span<byte> ordinary = stackalloc byte[OrdinaryPiece];
        var count = 0;
        for (var start = 0; start < text.Length;)
        {
            var end = _splitter.EndOfPiece(text, start);
            count += EncodePiece(text[start..end], ordinary, ids);
            start = end;
        }

        return count;
    }

    private int EncodePiece(ReadOnlySpan<char> piece, Span<byte> ordinary, List<int>? ids)
    {
        var longest = Encoding.UTF8.GetMaxByteCount(piece.Length);
        var rented = longest > ordinary.Length ? ArrayPool<byte>.Shared.Rent(longest) : null;
        var bytes = rented ?? ordinary;
        try
        {
            // Unlike Encoding, it replaces halves of surrogate pairs without allocating.
            Utf8.FromUtf16(piece, bytes, out _, out var written);
            bytes = bytes[..written];
            if (_ranks.Of(bytes) is not RankTable.None and var rank)
            {
                ids?.Add(rank);
                return 1;
            }

            return PieceMerger.Merge(_ranks, bytes, ids);
        }
        finally
        {
            if (rented is not null)
                ArrayPool<byte>.Shared.Return(rented);
        }
    }
}
