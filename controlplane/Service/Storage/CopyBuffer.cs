using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Npgsql;

namespace GatewayOps.ControlPlane.Storage;

/// <summary>
/// Rows as PostgreSQL's binary COPY takes them, written into memory that is used again for the next rows. Npgsql's importer does the same value by value, each of which it awaits: most of what a
/// record cost. Source: PostgreSQL, COPY, Binary Format; numeric_recv for decimals.
/// </summary>
public sealed class CopyBuffer
{
    private const int Absent = -1;
    private const ushort Negative = 0x4000;

    /// <summary>Bytes that are sent at once: while PostgreSQL stores them, the next are written.</summary>
    private const int Piece = 64 * 1024;

    private readonly ArrayBufferWriter<byte> _bytes = new(16 * 1024);

    /// <summary>
    /// Sends rows by a COPY (<paramref name="sql"/>, in binary): all of them, or none. The wait for PostgreSQL's word ends with the token and not the COPY, so the connection is of no use any more
    /// to whoever gives up.
    /// </summary>
    public async Task SendAsync<T>(NpgsqlConnection connection, string sql, IEnumerable<T> rows, Action<CopyBuffer, T> write, CancellationToken cancellationToken)
    {
        var copy = await connection.BeginRawBinaryCopyAsync(sql, cancellationToken);
        try
        {
            _bytes.ResetWrittenCount();
            _bytes.Write(Signature);
            foreach (var row in rows)
            {
                write(this, row);
                if (_bytes.WrittenCount >= Piece)
                {
                    await copy.WriteAsync(_bytes.WrittenMemory, cancellationToken);
                    _bytes.ResetWrittenCount();
                }
            }

            Put((short)-1); // the end
            await copy.WriteAsync(_bytes.WrittenMemory, cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // What was sent must not count as all of it.
            await copy.CancelAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }

        // The server's word on it.
        await copy.DisposeAsync().AsTask().WaitAsync(cancellationToken);
    }

    public void Row(short columns) => Put(columns);

    /// <summary>Without NUL, which PostgreSQL's texts cannot hold.</summary>
    public void Text(string? value)
    {
        if (value is null)
        {
            Put(Absent);
            return;
        }

        value = value.Contains('\0') ? value.Replace("\0", "") : value;
        var span = _bytes.GetSpan(4 + Encoding.UTF8.GetMaxByteCount(value.Length));
        var length = Encoding.UTF8.GetBytes(value, span[4..]);
        BinaryPrimitives.WriteInt32BigEndian(span, length);
        _bytes.Advance(4 + length);
    }

    public void Integer(int? value)
    {
        if (Has(value, sizeof(int)))
        {
            Put(value!.Value);
        }
    }

    public void Bigint(long? value)
    {
        if (Has(value, sizeof(long)))
        {
            Put(value!.Value);
        }
    }

    public void Double(double? value)
    {
        if (Has(value, sizeof(double)))
        {
            Put(BitConverter.DoubleToInt64Bits(value!.Value));
        }
    }

    public void Boolean(bool value)
    {
        Put(1);
        _bytes.GetSpan(1)[0] = value ? (byte)1 : (byte)0;
        _bytes.Advance(1);
    }

    public void Uuid(Guid value)
    {
        Put(16);
        value.TryWriteBytes(_bytes.GetSpan(16), bigEndian: true, out _);
        _bytes.Advance(16);
    }

    /// <summary>To the microsecond.</summary>
    public void Time(DateTimeOffset value)
    {
        Put(sizeof(long));
        Put((value.UtcTicks - DateTime.UnixEpoch.AddYears(30).Ticks) / TimeSpan.TicksPerMicrosecond);
    }

    /// <summary>With the digits that it has: 1.50 stays 1.50.</summary>
    public void Numeric(decimal? value)
    {
        if (value is not { } number)
        {
            Put(Absent);
            return;
        }

        Span<int> parts = stackalloc int[4];
        decimal.GetBits(number, parts);
        var scale = (parts[3] >> 16) & 0xff;
        var whole = new UInt128((uint)parts[2], ((ulong)(uint)parts[1] << 32) | (uint)parts[0]);
        // Digits of base 10,000 begin at the point: the fraction is filled up to whole ones.
        for (var filled = scale; filled % 4 != 0; filled++)
        {
            whole *= 10;
        }

        Span<short> digits = stackalloc short[12];
        var count = 0;
        for (; whole > 0; whole /= 10_000)
        {
            digits[count++] = (short)(whole % 10_000);
        }

        Put(8 + (2 * count));
        Put((short)count);
        Put((short)(count == 0 ? 0 : count - 1 - ((scale + 3) / 4)));
        Put((short)(number < 0 ? Negative : 0));
        Put((short)scale);
        while (count > 0)
        {
            Put(digits[--count]);
        }
    }

    // No flags, no extension.
    private static ReadOnlySpan<byte> Signature => [(byte)'P', (byte)'G', (byte)'C', (byte)'O', (byte)'P', (byte)'Y', (byte)'\n', 0xff, (byte)'\r', (byte)'\n', 0, 0, 0, 0, 0, 0, 0, 0, 0];

    private bool Has<T>(T? value, int length)
        where T : struct
    {
        Put(value is null ? Absent : length);
        return value is not null;
    }

    private void Put(short value)
    {
        BinaryPrimitives.WriteInt16BigEndian(_bytes.GetSpan(sizeof(short)), value);
        _bytes.Advance(sizeof(short));
    }

    private void Put(int value)
    {
        BinaryPrimitives.WriteInt32BigEndian(_bytes.GetSpan(sizeof(int)), value);
        _bytes.Advance(sizeof(int));
    }

    private void Put(long value)
    {
        BinaryPrimitives.WriteInt64BigEndian(_bytes.GetSpan(sizeof(long)), value);
        _bytes.Advance(sizeof(long));
    }
}
