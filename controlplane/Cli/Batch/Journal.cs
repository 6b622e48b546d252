using System.Buffers;
using System.Collections;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Win32.SafeHandles;

namespace GatewayOps.Cli.Batch;

/// <summary>What answers depend on: a run with another header is another run.</summary>
/// <param name="Hash">SHA-256 of the input.</param>
/// <param name="Items">How many are asked for.</param>
/// <param name="Provider">Slug, or the proxy.</param>
/// <param name="Model">As it is sent.</param>
/// <param name="Temperature">Null sends none.</param>
/// <param name="MaxTokens">Null sends none.</param>
/// <param name="Prefixes">SHA-256 of the prefix memory; null without one.</param>
public sealed record JournalHeader(string Hash, int Items, string Provider, string Model, float? Temperature, int? MaxTokens, string? Prefixes)
{
    /// <summary>First of all, the file says what it is.</summary>
    [JsonPropertyName("gatewayops-batch")]
    [JsonPropertyOrder(-1)]
    public int Version { get; init; } = 1;

    /// <summary>What differs, for people; null when nothing does.</summary>
    public string? Differs(JournalHeader now)
    {
        (string What, object? Then, object? Now)[] parts =
        [
            ("the input", Hash, now.Hash), ("the number of lines (--debug)", Items, now.Items), ("the provider", Provider, now.Provider), ("--model", Model, now.Model),
            ("--temperature", Temperature, now.Temperature), ("--max-tokens", MaxTokens, now.MaxTokens), ("the prefix memory", Prefixes, now.Prefixes),
        ];
        return string.Join(" and ", parts.Where(part => !Equals(part.Then, part.Now)).Select(part => part.What)) is { Length: > 0 } differs ? differs : null;
    }
}

/// <summary>
/// The answers so far, one a line in the order in which they came, beside the output: what a run that is killed leaves to the next one. While it is open no other process has it. Written at once, so
/// that it outlives the process; to the disk every second, so that of a machine that loses its power a second is asked for again.
/// </summary>
public sealed class Journal : IDisposable
{
    // Places of lines that are remembered at once while the output is put together, 16 bytes each.
    private const int AtOnce = 1 << 18;

    private static ReadOnlySpan<byte> Beginning => "{\"gatewayops-batch\":"u8;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);
    private static readonly TimeSpan BetweenFlushes = TimeSpan.FromSeconds(1);

    private readonly SafeFileHandle _file;
    private readonly TimeProvider _time;
    private readonly ArrayBufferWriter<byte> _records = new(64 * 1024);
    private long _end;
    private long _body;
    private long _flushed;
    private bool _isGone;

    private Journal(string path, SafeFileHandle file, TimeProvider time)
    {
        (Path, _file, _time, _flushed) = (path, file, time, time.GetTimestamp());
        _end = RandomAccess.GetLength(file);
    }

    public string Path { get; }

    /// <summary>Nothing is in it.</summary>
    public bool IsEmpty => _end == 0;

    /// <summary>Opens or makes it. Throws <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/>, also while another process has it.</summary>
    public static Journal Open(string path, TimeProvider time) => new(path, File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None), time);

    /// <summary>What it begins with; null where it is empty, or torn within its first line.</summary>
    public async Task<JournalHeader?> HeaderAsync(CancellationToken cancellationToken)
    {
        var lines = Lines(0);
        if (await lines.NextAsync(cancellationToken) is not { } first)
        {
            return null;
        }

        _body = lines.Offset;
        try
        {
            // Torn within its first line: nothing was asked yet.
            return !first.IsWhole && (first.Text.Span.StartsWith(Beginning) || Beginning.StartsWith(first.Text.Span)) ? null
                : JsonSerializer.Deserialize<JournalHeader>(first.Text.Span, Json) is { Version: 1 } header ? header : throw new JsonException("another version");
        }
        catch (JsonException e)
        {
            throw new CliException($"{Path} is no journal of a batch: {BatchItems.Plain(e)}.", "move it away, or give another --output");
        }
    }

    /// <summary>Begins anew.</summary>
    public void Begin(JournalHeader header)
    {
        RandomAccess.SetLength(_file, 0);
        byte[] line = [.. JsonSerializer.SerializeToUtf8Bytes(header, Json), (byte)'\n'];
        RandomAccess.Write(_file, line, 0);
        RandomAccess.FlushToDisk(_file);
        (_body, _end) = (line.Length, line.Length);
    }

    /// <summary>Reads what is there and cuts off what was being written when it ended. The header was read before.</summary>
    /// <param name="done">Of each item, whether it was answered; is filled. A line that failed is asked for again.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<BatchTotals> RecoverAsync(BitArray done, CancellationToken cancellationToken)
    {
        var (totals, lines) = (BatchTotals.None, Lines(_body));
        var good = _body;
        while (await lines.NextAsync(cancellationToken) is { IsWhole: true } line && Read(line) is { } record && record.Index < done.Length)
        {
            good = _body + lines.Offset;
            if (record.IsOk && !done[record.Index])
            {
                done[record.Index] = true;
                totals = totals.Plus(record);
            }
        }

        RandomAccess.SetLength(_file, good);
        _end = good;
        return totals;
    }

    /// <summary>Takes an answer; <see cref="Write"/> writes it.</summary>
    public void Add(BatchAnswer answer)
    {
        using (var json = new Utf8JsonWriter(_records))
        {
            json.WriteStartObject();
            json.WriteNumber("index"u8, answer.Index);
            json.WriteBoolean("ok"u8, answer.IsOk);
            json.WriteNumber("in"u8, answer.InputTokens);
            json.WriteNumber("out"u8, answer.OutputTokens);
            if (answer.CostUsd is { } usd)
            {
                json.WriteNumber("usd"u8, usd);
            }

            json.WritePropertyName("line"u8);
            json.WriteRawValue(answer.Line.Span, skipInputValidation: true);
            json.WriteEndObject();
        }

        _records.Write("\n"u8);
    }

    /// <summary>Bytes that were added and not written yet.</summary>
    public int Waiting => _records.WrittenCount;

    /// <summary>Writes what was added, and once a second to the disk.</summary>
    public void Write(bool toDisk = false)
    {
        RandomAccess.Write(_file, _records.WrittenSpan, _end);
        _end += _records.WrittenCount;
        _records.ResetWrittenCount();
        if (toDisk || _time.GetElapsedTime(_flushed) >= BetweenFlushes)
        {
            RandomAccess.FlushToDisk(_file);
            _flushed = _time.GetTimestamp();
        }
    }

    /// <summary>The lines of the output in the order of the items, each with its end.</summary>
    /// <param name="items">How many; each has a record.</param>
    /// <param name="output">Where they go.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task CopyOrderedAsync(int items, Stream output, CancellationToken cancellationToken)
    {
        var places = new (long Offset, int Length)[Math.Min(items, AtOnce)];
        var line = new byte[64 * 1024];
        for (var first = 0; first < items; first += AtOnce)
        {
            var count = Math.Min(AtOnce, items - first);
            await FindAsync(places.AsMemory(0, count), first, cancellationToken);
            for (var at = 0; at < count; at++)
            {
                var (offset, length) = places[at];
                if (line.Length <= length)
                {
                    line = new byte[length * 2];
                }

                await ReadAsync(line.AsMemory(0, length), offset, cancellationToken);
                line[length] = (byte)'\n';
                await output.WriteAsync(line.AsMemory(0, length + 1), cancellationToken);
            }
        }
    }

    /// <summary>It is not needed any more.</summary>
    public void Remove()
    {
        File.Delete(Path);
        _isGone = true;
    }

    public void Dispose()
    {
        // A run that never began leaves nothing.
        if (!_isGone && IsEmpty)
        {
            File.Delete(Path);
        }

        _file.Dispose();
    }

    private async Task FindAsync(Memory<(long Offset, int Length)> places, int first, CancellationToken cancellationToken)
    {
        places.Span.Clear();
        var lines = Lines(_body);
        while (await lines.NextAsync(cancellationToken) is { } line)
        {
            if (Read(line) is { } record && record.Index - first is >= 0 and var at && at < places.Length)
            {
                // A line that failed and was asked for again has two records: the later one counts.
                places.Span[at] = (_body + line.Offset + line.Text.Length - record.Line.Length - 1, record.Line.Length);
            }
        }

        if (places.Span.IndexOf(default((long, int))) is >= 0 and var missing)
        {
            throw new InvalidDataException($"{Path} lacks item {first + missing}");
        }
    }

    // The line is the last member, before the one brace.
    private static BatchAnswer? Read(in TextLine line)
    {
        try
        {
            var reader = new Utf8JsonReader(line.Text.Span);
            var (index, isOk, input, output, usd) = (-1, false, 0L, 0L, (decimal?)null);
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.PropertyName)
                {
                    continue;
                }

                var name = reader.GetString();
                reader.Read();
                switch (name)
                {
                    case "index":
                        index = reader.GetInt32();
                        break;
                    case "ok":
                        isOk = reader.GetBoolean();
                        break;
                    case "in":
                        input = reader.GetInt64();
                        break;
                    case "out":
                        output = reader.GetInt64();
                        break;
                    case "usd":
                        usd = reader.GetDecimal();
                        break;
                    case "line":
                        var began = (int)reader.TokenStartIndex;
                        reader.Skip();
                        var text = line.Text[began..(int)reader.BytesConsumed];
                        return index >= 0 && reader.Read() && reader.TokenType == JsonTokenType.EndObject && line.Text.Length == (int)reader.BytesConsumed ? new BatchAnswer(index, isOk, text, input, output, usd) : null;
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            // Torn, or overwritten by what a disk had there.
        }

        return null;
    }

    private LineReader Lines(long from)
    {
        var at = from;
        return new LineReader(async (into, cancellationToken) =>
        {
            var count = await RandomAccess.ReadAsync(_file, into, at, cancellationToken);
            at += count;
            return count;
        });
    }

    private async Task ReadAsync(Memory<byte> into, long offset, CancellationToken cancellationToken)
    {
        for (var read = 0; read < into.Length;)
        {
            var count = await RandomAccess.ReadAsync(_file, into[read..], offset + read, cancellationToken);
            read += count > 0 ? count : throw new EndOfStreamException($"{Path} is shorter than it was");
        }
    }
}
