using System.Globalization;
using GatewayOps.ControlPlane.Storage;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Storage;

public sealed class CopyBufferTests
{
    [Fact]
    public async Task Rows_OfEveryType_AreWhatPostgresReads()
    {
        decimal?[] numbers =
        [
            0m, 0.00m, 1.50m, -1.5m, 0.0001m, 0.00001234m, 12345678.9m, 9999m, 10_000m, 99_999_999.99999m, 100_000_000m, 0.1m, 0.01m, -0.001m, 0.00000001m,
            decimal.MaxValue, decimal.MinValue, 0.0000000000000000000000000001m, 7.9228162514264337593543950335m, null,
        ];
        var at = new DateTimeOffset(1999, 12, 31, 23, 59, 59, 999, TimeSpan.FromHours(2)).AddMicroseconds(7);
        var id = Guid.Parse("01234567-89ab-cdef-0123-456789abcdef");
        var rows = new CopyBuffer();
        await using var database = await TestDatabase.CreateAsync();
        await database.ExecuteAsync("create table copied (id uuid, at timestamptz, a text, b text, i int, l bigint, d float8, f boolean, n numeric, place int generated always as identity)");

        await using var connection = await database.DataSource.OpenConnectionAsync();
        await rows.SendAsync(connection, "copy copied (a) from stdin (format binary)", ["of an earlier batch"], (to, text) => { to.Row(1); to.Text(text); }, CancellationToken.None);
        await database.ExecuteAsync("truncate copied");
        await rows.SendAsync(connection, "copy copied (id, at, a, b, i, l, d, f, n) from stdin (format binary)", numbers, Write, CancellationToken.None);

        Assert.Equal(numbers.Select(number => number?.ToString(CultureInfo.InvariantCulture) ?? "none"), await database.QueryAsync<string>("select coalesce(n::text, 'none') from copied order by place"));
        Assert.Equal(
            ["01234567-89ab-cdef-0123-456789abcdef|1999-12-31 21:59:59.999007|é 漢 😀|t|-2|-9223372036854775808|0.1|t"],
            await database.QueryAsync<string>("select distinct concat_ws('|', id, at at time zone 'UTC', a, b is null, i, l, d, f) from copied"));

        void Write(CopyBuffer to, decimal? number)
        {
            to.Row(9);
            to.Uuid(id);
            to.Time(at);
            to.Text("é\0 漢 \ud83d\ude00");
            to.Text(null);
            to.Integer(-2);
            to.Bigint(long.MinValue);
            to.Double(0.1);
            to.Boolean(true);
            to.Numeric(number);
        }
    }

    /// <summary>More than is sent at once, and rows that end with an error half-way.</summary>
    [Fact]
    public async Task Rows_OfManyPieces_AreAllThere_OrNone()
    {
        const string copy = "copy copied (i, a) from stdin (format binary)";
        var rows = new CopyBuffer();
        await using var database = await TestDatabase.CreateAsync();
        await database.ExecuteAsync("create table copied (i int, a text)");
        await using var connection = await database.DataSource.OpenConnectionAsync();

        await Assert.ThrowsAsync<InvalidOperationException>(() => rows.SendAsync(connection, copy, Enumerable.Range(0, 3000), (to, i) => Write(to, i < 2999 ? i : throw new InvalidOperationException()), CancellationToken.None));
        Assert.Equal([0L], await database.QueryAsync<long>("select count(*) from copied"));
        await rows.SendAsync(connection, copy, Enumerable.Range(0, 3000), Write, CancellationToken.None);

        Assert.Equal(["3000 3000 4498500"], await database.QueryAsync<string>("select count(*) || ' ' || count(distinct i) || ' ' || sum(i) from copied where length(a) = 100"));

        static void Write(CopyBuffer to, int i)
        {
            to.Row(2);
            to.Integer(i);
            to.Text(new string('a', 100));
        }
    }
}
