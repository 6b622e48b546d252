using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace GatewayOps.Cli.Batch;

/// <summary>An item as it stands in the input. The bytes are good until the next one is read.</summary>
/// <param name="Name">For people: `line 7`, or `item 7` of a document.</param>
/// <param name="Number">From 1.</param>
/// <param name="Text">JSON, hopefully.</param>
/// <param name="IsTooLong">Longer than <see cref="LineReader.Longest"/>, and not here.</param>
public readonly record struct RawItem(string Name, long Number, ReadOnlyMemory<byte> Text, bool IsTooLong);

/// <summary>An input file, read from its beginning to its end, never whole in memory.</summary>
public sealed class BatchInput(string path, string shown)
{
    /// <summary>As the user calls it.</summary>
    public string Shown => shown;

    /// <summary>The SHA-256 of the bytes, in hexadecimal, once all were read.</summary>
    public string Hash { get; private set; } = "";

    /// <summary>Every item; blank lines are none. Throws <see cref="CliException"/> for what is no input.</summary>
    public async IAsyncEnumerable<RawItem> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var stream = Open();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var block = new byte[64 * 1024];
        var given = await stream.ReadAtLeastAsync(block, block.Length, throwOnEndOfStream: false, cancellationToken);
        hash.AppendData(block, 0, given);
        if (InputFormats.IsUtf16(block.AsSpan(0, given)))
        {
            throw new CliException($"{shown} is UTF-16: its first bytes say so.", "save it as UTF-8");
        }

        var taken = block.AsSpan(0, given).StartsWith(Encoding.UTF8.Preamble) ? Encoding.UTF8.Preamble.Length : 0;
        if (InputFormats.Of(block.AsSpan(taken, given - taken)) == InputFormat.Lines)
        {
            var lines = new LineReader(ReadAsync);
            while (await lines.NextAsync(cancellationToken) is { } line)
            {
                if (line.IsTooLong || line.Text.Span.IndexOfAnyExcept(" \t\r"u8) >= 0)
                {
                    yield return new RawItem($"line {line.Number}", line.Number, line.Text, line.IsTooLong);
                }
            }
        }
        else
        {
            var document = new DocumentReader(ReadAsync);
            for (var number = 1L; await NextAsync(document, number, cancellationToken) is { } item; number++)
            {
                yield return new RawItem($"item {number}", number, item, IsTooLong: false);
            }

            // What stands behind the items counts for the hash.
            while (await ReadAsync(block, cancellationToken) > 0)
            {
            }
        }

        Hash = Convert.ToHexStringLower(hash.GetHashAndReset());

        async ValueTask<int> ReadAsync(Memory<byte> into, CancellationToken token)
        {
            if (taken < given)
            {
                var count = Math.Min(into.Length, given - taken);
                block.AsMemory(taken, count).CopyTo(into);
                taken += count;
                return count;
            }

            var read = await stream.ReadAsync(into, token);
            hash.AppendData(into.Span[..read]);
            return read;
        }
    }

    private async ValueTask<ReadOnlyMemory<byte>?> NextAsync(DocumentReader document, long number, CancellationToken cancellationToken)
    {
        try
        {
            return await document.NextAsync(cancellationToken);
        }
        catch (JsonException e)
        {
            throw new CliException($"{shown} is no JSON document of items (item {number}): {BatchItems.Plain(e)}", "give JSONL, one object a line, or put the document right");
        }
    }

    private FileStream Open()
    {
        try
        {
            return new FileStream(path, new FileStreamOptions { Mode = FileMode.Open, Access = FileAccess.Read, Share = FileShare.ReadWrite, BufferSize = 0, Options = FileOptions.SequentialScan | FileOptions.Asynchronous });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new CliException($"{shown} cannot be read: {e.Message}", "give the path of a JSONL file with --input, or - for stdin");
        }
    }
}
