using GatewayOps.Emulator;
using GatewayOps.Emulator.State;

namespace GatewayOps.Tests.Emulator.State;

public sealed class LogStoreTests
{
    private static LogStore NewStore(EmulatorOptions options)
    {
        return new AccountLogs(options, new EmulatorClock()).NewStore();
    }

    [Fact]
    public void Add_FullLogThatStopsInserting_KeepsTheOldRows()
    {
        var store = NewStore(new EmulatorOptions());
        var first = SampleLog.Row(store);

        Assert.True(store.Add(first, limit: 1, deleteOldest: false));
        Assert.False(store.Add(SampleLog.Row(store), limit: 1, deleteOldest: false));
        Assert.Equal(first, Assert.Single(store.Visible()));
    }

    [Fact]
    public void Add_FullLogThatDeletesOldest_KeepsTheNewRows()
    {
        var store = NewStore(new EmulatorOptions());
        var rows = Enumerable.Range(0, 3).Select(_ => SampleLog.Row(store)).ToArray();

        foreach (var row in rows)
            Assert.True(store.Add(row, limit: 2, deleteOldest: true));

        Assert.Equal(rows[1..], store.Visible());
    }

    [Fact]
    public void Add_BeyondTheOwnCap_DropsTheOldestWhateverTheStrategy()
    {
        var store = NewStore(new EmulatorOptions { MaxLogRows = 2 });

        foreach (var _ in Enumerable.Range(0, 5))
            Assert.True(store.Add(SampleLog.Row(store), limit: 10_000, deleteOldest: false));

        Assert.Equal(2, store.Visible().Count);
    }

    [Fact]
    public void Add_BeyondTheBodyBytes_KeepsRowsWithoutTheirBodies()
    {
        var store = NewStore(new EmulatorOptions { MaxLogBodyBytes = 400 });

        foreach (var _ in Enumerable.Range(0, 10))
            store.Add(SampleLog.Row(store) with { RequestBody = new byte[50], ResponseBody = new byte[50] }, limit: 10_000, deleteOldest: false);

        var rows = store.Visible();
        Assert.Equal(10, rows.Count);
        Assert.Null(rows[0].RequestBody);
        Assert.NotNull(rows[^1].RequestBody);
        Assert.True(rows.Sum(row => row.BodyBytes) <= 400);
    }

    [Fact]
    public void Add_LargerThanTenMegabytes_IsNotStored()
    {
        var store = NewStore(new EmulatorOptions());

        Assert.False(store.Add(SampleLog.Row(store) with { RequestBody = new byte[LogStore.MaxRowBytes] }, limit: 10_000, deleteOldest: true));
    }

    [Fact]
    public void NewId_ManyInAMillisecond_SortAsTheyWereMade()
    {
        var ids = new UlidSource(new EmulatorClock());

        var made = Enumerable.Range(0, 10_000).Select(_ => ids.Next().ToString()).ToArray();

        Assert.Equal(made.Order(StringComparer.Ordinal), made);
        Assert.Equal(made.Length, made.Distinct().Count());
        Assert.All(made, id => Assert.Matches("^[0-7][0-9A-HJKMNP-TV-Z]{25}$", id));
    }
}
