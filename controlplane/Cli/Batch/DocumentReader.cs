using System.Text.Json;

namespace GatewayOps.Cli.Batch;

/// <summary>The items of a JSON document, one in memory at a time.</summary>
public sealed class DocumentReader(ReadBlock read)
{
    private byte[] _buffer = new byte[64 * 1024];
    private int _start;
    private int _end;
    private bool _isLast;
    private JsonReaderState _state;
    private bool _inMember;
    private bool _inItems;
    private bool _isOver;

    /// <summary>The bytes of the next item, good until the one after it is read; null at the end. Throws <see cref="JsonException"/> where the document is none, or has no items.</summary>
    public async ValueTask<ReadOnlyMemory<byte>?> NextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (TryNext(out var item))
            {
                return item;
            }

            if (_isOver)
            {
                return null;
            }

            if (_isLast)
            {
                throw new JsonException(_inItems ? "it breaks off within its items" : $"it has no array `{InputFormats.Member}`");
            }

            await FillAsync(cancellationToken);
        }
    }

    private bool TryNext(out ReadOnlyMemory<byte> item)
    {
        item = default;
        var reader = new Utf8JsonReader(_buffer.AsSpan(_start, _end - _start), _isLast, _state);
        while (!_inItems)
        {
            if (!reader.Read())
            {
                return false;
            }

            _inItems = reader.TokenType == JsonTokenType.StartArray && (reader.CurrentDepth == 0 || (_inMember && reader.CurrentDepth == 1));
            _inMember = reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 1 && reader.ValueTextEquals(InputFormats.Member);
            Keep(ref reader);
        }

        reader = new Utf8JsonReader(_buffer.AsSpan(_start, _end - _start), _isLast, _state);
        if (!reader.Read())
        {
            return false;
        }

        if (reader.TokenType == JsonTokenType.EndArray)
        {
            _isOver = true;
            return false;
        }

        var began = (int)reader.TokenStartIndex;
        if (!reader.TrySkip())
        {
            return false;
        }

        item = _buffer.AsMemory(_start + began, (int)reader.BytesConsumed - began);
        Keep(ref reader);
        return true;
    }

    private void Keep(ref Utf8JsonReader reader)
    {
        _state = reader.CurrentState;
        _start += (int)reader.BytesConsumed;
        reader = new Utf8JsonReader(_buffer.AsSpan(_start, _end - _start), _isLast, _state);
    }

    private async ValueTask FillAsync(CancellationToken cancellationToken)
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        if (_end == _buffer.Length)
        {
            if (_end > LineReader.Longest)
            {
                throw new JsonException($"an item is longer than {LineReader.Longest / 1024 / 1024} MiB");
            }

            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        var count = await read(_buffer.AsMemory(_end), cancellationToken);
        _end += count;
        _isLast = count == 0;
    }
}
