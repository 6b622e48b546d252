using System.Globalization;
using GatewayOps.ControlPlane.Usage;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Usage;

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
        rows.Begin();
        rows.Text("of an earlier batch");
        rows.Begin();
        foreach (var number in numbers)
        {
            rows.Row(9);
            rows.Uuid(id);
            rows.Time(at);
            rows.Text("é\0 漢 \ud83d\ude00");
            rows.Text(null);
            rows.Integer(-2);
            rows.Bigint(long.MinValue);
            rows.Double(0.1);
            rows.Boolean(true);
            rows.Numeric(number);
        }

        rows.End();
        await using var database = await TestDatabase.CreateAsync();
        await database.ExecuteAsync("create table copied (id uuid, at timestamptz, a text, b text, i int, l bigint, d float8, f boolean, n numeric, place int generated always as identity)");

        await using var connection = await database.DataSource.OpenConnectionAsync();
        await using (var copy = await connection.BeginRawBinaryCopyAsync("copy copied (id, at, a, b, i, l, d, f, n) from stdin (format binary)"))
        {
            await copy.WriteAsync(rows.Written);
        }

        Assert.Equal(numbers.Select(number => number?.ToString(CultureInfo.InvariantCulture) ?? "none"), await database.QueryAsync<string>("select coalesce(n::text, 'none') from copied order by place"));
        Assert.Equal(
            ["01234567-89ab-cdef-0123-456789abcdef|1999-12-31 21:59:59.999007|é 漢 😀|t|-2|-9223372036854775808|0.1|t"],
            await database.QueryAsync<string>("select distinct concat_ws('|', id, at at time zone 'UTC', a, b is null, i, l, d, f) from copied"));
    }
}
