using GatewayOps.Emulator;
using GatewayOps.Emulator.State;

namespace GatewayOps.Tests.Emulator.State;

public sealed class LogStoreTests
{
    private const long NoLimit = 10_000_000;

    private readonly EmulatorClock _clock = new();

    private LogStore NewStore(EmulatorOptions? options = null) => new AccountLogs(options ?? new EmulatorOptions(), _clock).NewStore();

    private static LogRow Sized(LogStore store, int bytes) => SampleLog.Row(store) with { RequestBody = new byte[bytes / 2], ResponseBody = new byte[bytes - bytes / 2] };

    [Fact]
    public void Add_FullLogThatStopsInserting_KeepsTheOldRows()
    {
        var store = NewStore();
        var first = SampleLog.Row(store);

        Assert.True(store.Add(first, limit: 1, deleteOldest: false));
        Assert.False(store.Add(SampleLog.Row(store), limit: 1, deleteOldest: false));
        Assert.Equal(first.Id, Assert.Single(store.Visible()).Id);
    }

    [Fact]
    public void Add_FullLogThatDeletesOldest_KeepsTheNewRows()
    {
        var store = NewStore();
        var rows = Enumerable.Range(0, 3).Select(_ => SampleLog.Row(store)).ToArray();

        foreach (var row in rows)
            Assert.True(store.Add(row, limit: 2, deleteOldest: true));

        Assert.Equal(rows[1..].Select(row => row.Id), store.Visible().Select(row => row.Id));
    }

    [Fact]
    public void Add_BeyondTheAccountsRows_TakesTheOldestOfTheFullestGateway()
    {
        var account = new AccountLogs(new EmulatorOptions { MaxLogRows = 5 }, _clock);
        var (small, large) = (account.NewStore(), account.NewStore());
        var kept = SampleLog.Row(small, 0);
        small.Add(kept, NoLimit, deleteOldest: false);

        var rows = Enumerable.Range(1, 10).Select(second => SampleLog.Row(large, second)).ToArray();
        Assert.All(rows, row => Assert.True(large.Add(row, NoLimit, deleteOldest: false)));

        Assert.Equal(rows[6..].Select(row => row.Id), large.Visible().Select(row => row.Id));
        Assert.Equal(kept.Id, Assert.Single(small.Visible()).Id);
        Assert.Equal(5, account.Budget.Rows);
    }

    [Fact]
    public void Add_BeyondTheAccountsBodyBytes_KeepsRowsWithoutTheirBodies()
    {
        var account = new AccountLogs(new EmulatorOptions { MaxLogBodyBytes = 400 }, _clock);
        var (small, large) = (account.NewStore(), account.NewStore());
        small.Add(Sized(small, 100), NoLimit, deleteOldest: false);

        foreach (var _ in Enumerable.Range(0, 10))
            large.Add(Sized(large, 100), NoLimit, deleteOldest: false);

        Assert.Equal([0, 0, 0, 0, 0, 0, 0, 100, 100, 100], large.Visible().Select(row => row.BodyBytes));
        Assert.Equal(100, Assert.Single(small.Visible()).BodyBytes);
        Assert.All(large.Visible(), row => Assert.Equal((50, 50), (row.RequestSize, row.ResponseSize)));
        Assert.Equal(400, account.Budget.BodyBytes);
    }

    [Fact]
    public void Add_BodiesOfAnEarlierRequestThatEndsLate_AreEvictedFirst()
    {
        var store = NewStore(new EmulatorOptions { MaxLogBodyBytes = 200 });
        var rows = Enumerable.Range(1, 4).Select(second => SampleLog.Row(store, second) with { RequestBody = new byte[100], ResponseBody = null }).ToArray();

        foreach (var index in new[] { 1, 2, 3, 0 })
            store.Add(rows[index], NoLimit, deleteOldest: false);

        Assert.Equal([0, 0, 100, 100], store.Visible().Select(row => row.BodyBytes));
    }

    [Fact]
    public void Add_LargerThanTenMegabytes_IsNotStored()
    {
        var store = NewStore();

        Assert.False(store.Add(SampleLog.Row(store) with { RequestBody = new byte[LogStore.MaxRowBytes] }, NoLimit, deleteOldest: true));
        Assert.True(store.Add(SampleLog.Row(store) with { RequestBody = new byte[LogStore.MaxRowBytes], ResponseBody = null }, NoLimit, deleteOldest: true));
    }

    [Fact]
    public void Add_MoreInASecondThanTheServiceStores_TakesTheFirst()
    {
        var store = NewStore(new EmulatorOptions { MaxLogsPerSecond = 3 });
        bool[] Burst() => [.. Enumerable.Range(0, 5).Select(_ => store.Add(SampleLog.Row(store), NoLimit, deleteOldest: false))];
        // A second of its own: the burst must not run into the next one.
        _clock.Advance(TimeSpan.FromMilliseconds(1_000 - _clock.GetUtcNow().Millisecond));

        Assert.Equal([true, true, true, false, false], Burst());
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal([true, true, true, false, false], Burst());
        Assert.Equal(5, store.Import(Enumerable.Range(0, 5).Select(_ => SampleLog.Row(store)), NoLimit, deleteOldest: false));
    }

    [Fact]
    public void Close_GivesBackWhatTheLogHeld()
    {
        var account = new AccountLogs(new EmulatorOptions(), _clock);
        var store = account.NewStore();
        store.Add(Sized(store, 100), NoLimit, deleteOldest: false);

        store.Close();

        Assert.False(store.Add(SampleLog.Row(store), NoLimit, deleteOldest: false));
        Assert.Equal((0, 0), (account.Budget.Rows, account.Budget.BodyBytes));
        Assert.Empty(store.Visible());
    }

    [Fact]
    public void Read_WhileTheLogChanges_StaysAsItWas()
    {
        var store = NewStore();
        var rows = Enumerable.Range(0, 2_000).Select(second => SampleLog.Row(store, second)).ToArray();
        store.Import(rows.Where((_, index) => index % 2 == 0), NoLimit, deleteOldest: false);
        string[] before = [.. store.Visible().Select(row => row.Id)];
        var snapshot = store.Read();

        store.Import(rows.Where((_, index) => index % 2 == 1), limit: 1_500, deleteOldest: true);
        store.Remove(store.Visible().Take(400));
        store.Close();

        Assert.Equal(before, snapshot.Select(row => row.Id));
        Assert.Equal(before.Length, snapshot.Count);
    }

    [Theory]
    [InlineData(0, 3_000, 0, 2_000)]
    [InlineData(500, 501, 500, 1)]
    [InlineData(1_999, 5_000, 1_999, 1)]
    [InlineData(700, 700, 0, 0)]
    [InlineData(511, 1_025, 511, 514)]
    public void Read_OfATime_HasItsRowsAlone(int from, int before, int first, int count)
    {
        var store = NewStore();
        store.Import(Enumerable.Range(0, 2_000).Select(second => SampleLog.Row(store, second)), NoLimit, deleteOldest: false);

        var found = store.Read(SampleLog.Start.AddSeconds(from), SampleLog.Start.AddSeconds(before));

        Assert.Equal(Enumerable.Range(first, count).Select(second => SampleLog.Start.AddSeconds(second)), found.Select(row => row.CreatedAt));
        Assert.Equal(count, found.Count);
        Assert.Equal(found.Reverse(), found.NewestFirst());
    }

    [Fact]
    public void Between_IncludesBothEnds()
    {
        var store = NewStore();
        store.Import(Enumerable.Range(0, 10).Select(second => SampleLog.Row(store, second)), NoLimit, deleteOldest: false);

        Assert.Equal(3, store.Between(SampleLog.Start.AddSeconds(4), SampleLog.Start.AddSeconds(6)).Count);
        Assert.Equal(10, store.Between(DateTimeOffset.MinValue, DateTimeOffset.MaxValue).Count);
    }

    [Fact]
    public void Remove_WithADelay_HidesTheRowsLaterAndCountsThemLonger()
    {
        var store = NewStore(new EmulatorOptions { LogDeletionDelay = TimeSpan.FromSeconds(5) });
        store.Import(Enumerable.Range(0, 4).Select(second => SampleLog.Row(store, second)), NoLimit, deleteOldest: false);
        (int Listed, int Stale) Seen() => (store.Read().Count, store.Read().StaleRows.Count);

        store.Remove(store.Read().Take(3));
        Assert.Equal((4, 0), Seen());
        _clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal((1, 3), Seen());
        _clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal((1, 0), Seen());
    }

    /// <summary>What a sorted dictionary would do, whatever comes in whatever order: inserts that come late, evictions, deletions, changes.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Log_AnySequence_IsASortedDictionary(int seed)
    {
        const int Limit = 1_300;
        var random = new Random(seed);
        var store = NewStore();
        var model = new SortedDictionary<string, double?>(StringComparer.Ordinal);
        foreach (var step in Enumerable.Range(0, 4_000))
        {
            // Mostly in order; now and then a request that began long before.
            var row = SampleLog.Row(store, random.Next(10) == 0 ? random.Next(step + 1) : step);
            Assert.Equal(model.TryAdd(row.Id, null), store.Add(row, Limit, deleteOldest: true));
            if (model.Count > Limit)
                model.Remove(model.Keys.First());
            if (step % 700 == 699)
            {
                var gone = store.Read().Where(_ => random.Next(3) == 0).ToList();
                store.Remove(gone);
                Assert.All(gone, one => Assert.True(model.Remove(one.Id)));
            }
            if (step % 50 == 0 && model.ContainsKey(row.Id))
            {
                Assert.True(store.Change(row.Id, found => found with { Feedback = step }));
                model[row.Id] = step;
            }
        }

        Assert.Equal(model.Keys, store.Read().Select(row => row.Id));
        Assert.Equal(model.Values, store.Read().Select(row => row.Feedback));
        Assert.Equal(model.Count, store.Count);
        Assert.All(model.Keys.Where((_, index) => index % 97 == 0), id => Assert.Equal(id, store.Find(id)?.Id));
        Assert.Equal(model.Keys.Reverse().Skip(600).Take(20), store.Read().Page(600, 20, ascending: false).Select(row => row.Id));
        Assert.Equal(model.Keys.Skip(600).Take(20), store.Read().Page(600, 20, ascending: true).Select(row => row.Id));
    }

    [Fact]
    public async Task Log_ManyWritersAndReaders_LosesNothingAndKeepsItsOrder()
    {
        var account = new AccountLogs(new EmulatorOptions { MaxLogRows = 3_000 }, _clock);
        LogStore[] stores = [account.NewStore(), account.NewStore()];

        var writers = Enumerable.Range(0, 8).Select(writer => Task.Run(() =>
        {
            foreach (var _ in Enumerable.Range(0, 500))
                Assert.True(stores[writer % 2].Add(SampleLog.Row(0) with { Id = stores[0].NewId() }, NoLimit, deleteOldest: false));
        }));
        var readers = stores.Select(store => Task.Run(() =>
        {
            foreach (var _ in Enumerable.Range(0, 50))
            {
                string[] ids = [.. store.Read().Select(row => row.Id)];
                Assert.Equal(ids.Order(StringComparer.Ordinal).Distinct(), ids);
            }
        }));
        await Task.WhenAll(writers.Concat(readers));

        Assert.Equal(3_000, account.Budget.Rows);
        Assert.Equal(3_000, stores.Sum(store => store.Count));
    }
}
