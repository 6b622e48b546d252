using System.Security.Cryptography;
using System.Text;

namespace GatewayOps.Cli.Batch;

/// <summary>An input that was found good: how many items it has, and which bytes it is.</summary>
public sealed record CheckedInput(int Items, string Hash);

/// <summary>Reads the whole input once before anything is sent: what is wrong with it costs nothing then.</summary>
public static class InputCheck
{
    private const int MostShown = 10;

    /// <summary>Ids that are remembered at once, about 12 MB of them: where an input has more, it is read once more for each further share.</summary>
    public const int Remembered = 200_000;

    /// <param name="input">What is read.</param>
    /// <param name="remembered">As <see cref="Remembered"/>.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="CliException">Names what is wrong with which lines.</exception>
    public static async Task<CheckedInput> RunAsync(BatchInput input, int remembered, CancellationToken cancellationToken)
    {
        var faults = new Faults();
        var (items, shares) = await ReadAsync(input, faults, share: 0, shares: 1, remembered, cancellationToken);
        for (var share = 1u; share < shares; share++)
        {
            await ReadAsync(input, faults, share, shares, int.MaxValue, cancellationToken);
        }

        if (faults.Count > 0)
        {
            throw new CliException(faults.Told(input.Shown), "put them right and run it again: nothing was sent");
        }

        return items > 0
            ? new CheckedInput(items, input.Hash)
            : throw new CliException($"{input.Shown} is empty: it has no line.", """give lines like {"id": "1", "prompt": "Hello"}""");
    }

    /// <summary>One reading. It watches the ids of one share of all; the first reading makes the shares smaller when there are too many ids.</summary>
    private static async Task<(int Items, uint Shares)> ReadAsync(BatchInput input, Faults faults, uint share, uint shares, int remembered, CancellationToken cancellationToken)
    {
        var (index, isFirst) = (0, share == 0);
        var met = new Dictionary<UInt128, long>();
        await foreach (var raw in input.ReadAsync(cancellationToken))
        {
            var (item, fault) = BatchItems.Read(raw, index);
            index = checked(index + 1);
            if (fault is not null && isFirst)
            {
                faults.Add(raw.Name, fault);
            }

            if (item is null)
            {
                continue;
            }

            var mark = Mark(item.IdText);
            if ((uint)(mark % shares) != share)
            {
                continue;
            }

            if (!met.TryAdd(mark, raw.Number))
            {
                faults.Add(raw.Name, $"has the id {item.Id.GetRawText()} of {raw.Name.Split(' ')[0]} {met[mark]}");
            }

            while (met.Count > remembered)
            {
                shares *= 2;
                foreach (var other in met.Keys.Where(other => (uint)(other % shares) != share).ToList())
                {
                    met.Remove(other);
                }
            }
        }

        return (index, shares);
    }

    // Two ids of a million share 128 bits with a chance of one in 10^26.
    private static UInt128 Mark(string id)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(id), hash);
        return new UInt128(BitConverter.ToUInt64(hash), BitConverter.ToUInt64(hash[8..]));
    }

    private sealed class Faults
    {
        private readonly List<string> _shown = [];

        public long Count { get; private set; }

        public void Add(string name, string fault)
        {
            Count++;
            if (_shown.Count < MostShown)
            {
                _shown.Add($"{name} {fault}");
            }
        }

        public string Told(string input) => Count == 1
            ? $"{input}: {_shown[0]}."
            : $"{input} has {Count} faults:\n{string.Join('\n', _shown.Select(fault => $"  {fault}"))}{(Count > _shown.Count ? $"\n  and {Count - _shown.Count} more" : "")}";
    }
}
