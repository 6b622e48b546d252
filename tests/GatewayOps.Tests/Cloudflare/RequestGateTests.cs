using GatewayOps.Cloudflare;
using GatewayOps.Cloudflare.Http;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Cloudflare;

public sealed class RequestGateTests
{
    private readonly TestClock _clock = new();

    private RequestGate Gate(int limit) => new(limit, TimeSpan.FromMinutes(5), _clock);

    [Fact]
    public async Task EnterAsync_MoreThanTheLimit_NoWindowEverHoldsMore()
    {
        var gate = Gate(10);
        var left = new List<DateTimeOffset>();
        for (var i = 0; i < 35; i++)
        {
            await _clock.RunAsync(gate.EnterAsync(CancellationToken.None));
            left.Add(_clock.GetUtcNow());
            if (i < 10) _clock.Advance(TimeSpan.FromSeconds(7));
        }
        for (var i = 10; i < left.Count; i++)
            Assert.True(left[i] - left[i - 10] >= TimeSpan.FromMinutes(5), $"departure {i} came {left[i] - left[i - 10]} after the tenth before it");
        // As soon as allowed, not merely some time later.
        Assert.Equal(TimeSpan.FromMinutes(5), left[10] - left[0]);
    }

    [Fact]
    public async Task EnterAsync_ManyWaiting_LeaveInTheOrderTheyCame()
    {
        var gate = Gate(1);
        await gate.EnterAsync(CancellationToken.None);
        var entries = Enumerable.Range(0, 50).Select(_ => gate.EnterAsync(CancellationToken.None)).ToList();
        foreach (var (n, entry) in entries.Index())
        {
            await _clock.TimerAsync();
            _clock.Advance(TimeSpan.FromMinutes(5));
            await entry.WaitAsync(TimeSpan.FromSeconds(30));
            // The clock stands still: whoever has left by now left out of turn.
            Assert.DoesNotContain(entries.Skip(n + 1), later => later.IsCompleted);
        }
    }

    [Fact]
    public async Task EnterAsync_OneWaiterGivesUp_ItsTurnIsNotCountedAndTheNextOnesKeepTheirOrder()
    {
        var gate = Gate(1);
        await gate.EnterAsync(CancellationToken.None);
        using var impatient = new CancellationTokenSource();
        var first = gate.EnterAsync(CancellationToken.None);
        var second = gate.EnterAsync(impatient.Token);
        var third = gate.EnterAsync(CancellationToken.None);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        Assert.False(third.IsCompleted);

        await _clock.TimerAsync();
        _clock.Advance(TimeSpan.FromMinutes(5));
        await first.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.False(third.IsCompleted);
        await _clock.RunAsync(third);
        Assert.Equal(TimeSpan.FromMinutes(10), _clock.GetUtcNow() - new TestClock().GetUtcNow());
    }

    [Fact]
    public async Task EnterAsync_Held_NobodyLeavesBeforeTheDeadlineAndAShorterHoldDoesNotShortenIt()
    {
        var gate = Gate(100);
        var start = _clock.GetUtcNow();
        gate.Hold(TimeSpan.FromSeconds(7.0005));
        gate.Hold(TimeSpan.FromSeconds(1));
        var entry = gate.EnterAsync(CancellationToken.None);
        _clock.Advance(TimeSpan.FromSeconds(7));
        Assert.False(entry.IsCompleted);
        await _clock.RunAsync(entry);
        Assert.InRange(_clock.GetUtcNow() - start, TimeSpan.FromSeconds(7.0005), TimeSpan.FromSeconds(7.002));
    }

    [Fact]
    public async Task EnterAsync_HeldWhileWaiting_WaitsForTheNewDeadline()
    {
        var gate = Gate(100);
        var start = _clock.GetUtcNow();
        gate.Hold(TimeSpan.FromSeconds(1));
        var entry = gate.EnterAsync(CancellationToken.None);
        await _clock.TimerAsync();
        gate.Hold(TimeSpan.FromSeconds(9));
        await _clock.RunAsync(entry);
        Assert.Equal(TimeSpan.FromSeconds(9), _clock.GetUtcNow() - start);
    }
}
