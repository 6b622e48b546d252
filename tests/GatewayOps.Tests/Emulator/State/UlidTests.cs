using GatewayOps.Emulator;
using GatewayOps.Emulator.State;

namespace GatewayOps.Tests.Emulator.State;

public sealed class UlidTests
{
    [Fact]
    public void Next_ManyInAMillisecond_SortAsTheyWereMade()
    {
        var ids = new UlidSource(new EmulatorClock());

        var made = Enumerable.Range(0, 10_000).Select(_ => ids.Next().ToString()).ToArray();

        Assert.Equal(made.Order(StringComparer.Ordinal), made);
        Assert.Equal(made.Length, made.Distinct().Count());
        Assert.All(made, id => Assert.Matches("^[0-7][0-9A-HJKMNP-TV-Z]{25}$", id));
    }

    [Fact]
    public void Next_OfATime_SaysItToTheMillisecond()
    {
        var at = new DateTimeOffset(2026, 11, 20, 12, 0, 0, 123, TimeSpan.Zero);
        var ids = new UlidSource(TimeProvider.System);

        Ulid[] made = [ids.Next(at), ids.Next(at), ids.Next(at)];

        Assert.All(made, id => Assert.Equal(at, id.Time));
        Assert.Equal(made.Order(), made);
        Assert.All(made, id => Assert.True(id >= Ulid.SmallestOf(at) && id < Ulid.SmallestAfter(at)));
    }

    [Theory]
    [InlineData("01ARZ3NDEKTSV4RRFFQ69G5FAV", true)]
    [InlineData("7ZZZZZZZZZZZZZZZZZZZZZZZZZ", true)]
    [InlineData("8ZZZZZZZZZZZZZZZZZZZZZZZZZ", false)]
    [InlineData("01arz3ndektsv4rrffq69g5fav", false)]
    [InlineData("01ARZ3NDEKTSV4RRFFQ69G5FAU", false)]
    [InlineData("01ARZ3NDEKTSV4RRFFQ69G5FA", false)]
    [InlineData("", false)]
    public void TryParse_OnlyTheCanonicalText(string text, bool isId)
    {
        Assert.Equal(isId, Ulid.TryParse(text, out var id));
        if (isId)
            Assert.Equal(text, id.ToString());
    }

    [Theory]
    [InlineData("6f9619ff-8b86-d011-b42d-00c04fc964ff")]
    [InlineData("6F9619FF-8B86-D011-B42D-00C04FC964FF")]
    [InlineData("00000000-0000-0000-0000-000000000000")]
    [InlineData("order-42")]
    [InlineData("")]
    [InlineData(null)]
    public void EventId_OfARow_ComesBackAsItWas(string? id) => Assert.Equal(id, (SampleLog.Row(0) with { EventId = id }).EventId);
}
