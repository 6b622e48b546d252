using System.Buffers;
using System.Runtime.InteropServices;

namespace GatewayOps.Tokenizer;

/// <summary>
/// Byte-pair merging of one piece: of all neighbours the pair of the lowest rank becomes one, the leftmost of equals, until no pair is a token. A short piece is searched anew for each
/// merge; a long one keeps its pairs in a heap, so that a piece of a million letters takes n log n steps and not n².
/// </summary>
internal static class PieceMerger
{
    /// <summary>Bytes up to which searching is faster.</summary>
    private const int Short = 128;

    /// <summary>The number of tokens of a piece that is no token itself; with <paramref name="ids"/> they are added there.</summary>
    public static int Merge(RankTable ranks, ReadOnlySpan<byte> piece, List<int>? ids) =>
        piece.Length <= Short ? MergeShort(ranks, piece, ids) : MergeLong(ranks, piece, ids);

    private static int MergeShort(RankTable ranks, ReadOnlySpan<byte> piece, List<int>? ids)
    {
        // starts[i] is where part i begins, rank[i] that of parts i and i + 1 together.
        Span<int> starts = stackalloc int[Short + 1];
        Span<int> rank = stackalloc int[Short + 1];
        var parts = piece.Length;
        for (var i = 0; i < parts; i++)
        {
            starts[i] = i;
            rank[i] = i + 1 < parts ? ranks.Of(piece.Slice(i, 2)) : RankTable.None;
        }

        starts[parts] = piece.Length;
        while (Lowest(rank[..parts]) is var at and >= 0)
        {
            starts[(at + 2)..(parts + 1)].CopyTo(starts[(at + 1)..]);
            rank[(at + 1)..parts].CopyTo(rank[at..]);
            parts--;
            rank[at] = at + 1 < parts ? ranks.Of(piece[starts[at]..starts[at + 2]]) : RankTable.None;
            if (at > 0)
                rank[at - 1] = ranks.Of(piece[starts[at - 1]..starts[at + 1]]);
        }

        for (var i = 0; ids is not null && i < parts; i++)
            ids.Add(ranks.Of(piece[starts[i]..starts[i + 1]]));
        return parts;
    }

    // -1 when no pair is a token.
    private static int Lowest(ReadOnlySpan<int> rank)
    {
        var (at, lowest) = (-1, RankTable.None);
        for (var i = 0; i < rank.Length; i++)
        {
            if (rank[i] < lowest)
                (at, lowest) = (i, rank[i]);
        }

        return at;
    }

    private static int MergeLong(RankTable ranks, ReadOnlySpan<byte> piece, List<int>? ids)
    {
        var parts = ArrayPool<Part>.Shared.Rent(piece.Length + 1);
        var pairs = ArrayPool<long>.Shared.Rent(2 * piece.Length);
        try
        {
            return MergeLong(ranks, piece, parts, pairs, ids);
        }
        finally
        {
            ArrayPool<Part>.Shared.Return(parts);
            ArrayPool<long>.Shared.Return(pairs);
        }
    }

    private static int MergeLong(RankTable ranks, ReadOnlySpan<byte> piece, Span<Part> parts, Span<long> pairs, List<int>? ids)
    {
        var end = piece.Length;
        var heap = new PairHeap(pairs);
        for (var i = 0; i <= end; i++)
            parts[i] = new Part { Previous = i - 1, Next = i + 1, Rank = RankTable.None };
        for (var i = 0; i + 1 < end; i++)
            Pair(piece, i, i + 2, parts, ref heap);

        var count = end;
        while (heap.TryTake(out var rank, out var at))
        {
            // A pair that has changed since is in the heap once more, by its new rank.
            if (parts[at].Rank != rank)
                continue;
            var gone = parts[at].Next;
            var next = parts[gone].Next;
            parts[gone].Rank = RankTable.None;
            parts[at].Next = next;
            parts[next].Previous = at;
            count--;
            Pair(piece, at, next < end ? parts[next].Next : -1, parts, ref heap);
            if (parts[at].Previous is var previous and >= 0)
                Pair(piece, previous, next, parts, ref heap);
        }

        for (var i = 0; ids is not null && i < end; i = parts[i].Next)
            ids.Add(ranks.Of(piece[i..parts[i].Next]));
        return count;

        void Pair(ReadOnlySpan<byte> piece, int start, int stop, Span<Part> parts, ref PairHeap heap)
        {
            var rank = stop < 0 ? RankTable.None : ranks.Of(piece[start..stop]);
            parts[start].Rank = rank;
            if (rank != RankTable.None)
                heap.Add(rank, start);
        }
    }

    /// <summary>A part of a piece, by its first byte. <see cref="Rank"/> is that of it and the next together.</summary>
    [StructLayout(LayoutKind.Auto)]
    private struct Part
    {
        public int Previous;
        public int Next;
        public int Rank;
    }

    /// <summary>A binary heap of pairs, the lowest rank and then the leftmost first. Each merge takes one and adds at most two, so twice the bytes of the piece are room enough.</summary>
    private ref struct PairHeap(Span<long> pairs)
    {
        private readonly Span<long> _pairs = pairs;
        private int _count;

        public void Add(int rank, int at)
        {
            var pair = ((long)rank << 32) | (uint)at;
            var child = _count++;
            while (child > 0 && (child - 1) / 2 is var parent && _pairs[parent] > pair)
            {
                _pairs[child] = _pairs[parent];
                child = parent;
            }

            _pairs[child] = pair;
        }

        public bool TryTake(out int rank, out int at)
        {
            if (_count == 0)
            {
                (rank, at) = (0, 0);
                return false;
            }

            (rank, at) = ((int)(_pairs[0] >> 32), (int)_pairs[0]);
            var moved = _pairs[--_count];
            var parent = 0;
            while ((2 * parent) + 1 is var child && child < _count)
            {
                if (child + 1 < _count && _pairs[child + 1] < _pairs[child])
                    child++;
                if (_pairs[child] >= moved)
                    break;
                _pairs[parent] = _pairs[child];
                parent = child;
            }

            _pairs[parent] = moved;
            return true;
        }
    }
}
