using GatewayOps.ControlPlane.Proxy;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Proxy;

public sealed class UpstreamCircuitTests
{
    private static readonly TimeSpan OpenFor = TimeSpan.FromSeconds(30);

    private readonly TestClock _clock = new();
    private readonly Circuit _circuit;

    public UpstreamCircuitTests() => _circuit = new Circuit(failures: 3, OpenFor, _clock);

    [Fact]
    public void Failures_InARow_OpenIt()
    {
        Fail(2);
        _circuit.Answered(isProbe: false);
        Fail(2);
        Assert.Equal(CircuitState.Closed, _circuit.State);

        Fail(1);

        Assert.Equal((CircuitState.Open, OpenFor), (_circuit.State, _circuit.Wait));
        Assert.False(_circuit.TryEnter(out _));
    }

    [Fact]
    public void AfterItsTime_OneRequestTriesAndClosesIt()
    {
        Fail(3);
        _clock.Advance(OpenFor);
        Assert.Equal((CircuitState.HalfOpen, TimeSpan.Zero), (_circuit.State, _circuit.Wait));

        Assert.True(_circuit.TryEnter(out var isProbe) && isProbe);
        Assert.False(_circuit.TryEnter(out _));
        _circuit.Answered(isProbe: true);

        Assert.True(_circuit.TryEnter(out isProbe) && !isProbe);
        Assert.Equal(CircuitState.Closed, _circuit.State);
    }

    [Fact]
    public void ProbeThatFails_OpensItForAsLongAgain()
    {
        Fail(3);
        _clock.Advance(OpenFor);
        _circuit.TryEnter(out var isProbe);

        _circuit.Failed(isProbe);

        Assert.Equal((CircuitState.Open, OpenFor), (_circuit.State, _circuit.Wait));
    }

    /// <summary>Its caller went away, or a limit was used up.</summary>
    [Fact]
    public void ProbeThatTellsNothing_LeavesTheTryToTheNext()
    {
        Fail(3);
        _clock.Advance(OpenFor);
        _circuit.TryEnter(out var isProbe);

        _circuit.Undecided(isProbe);

        Assert.True(_circuit.TryEnter(out isProbe) && isProbe);
    }

    /// <summary>A stream that breaks off has begun as an answer.</summary>
    [Fact]
    public void StreamsThatBreakOff_OpenItToo()
    {
        CutStreams(2);
        _circuit.Whole();
        CutStreams(2);
        Assert.Equal(CircuitState.Closed, _circuit.State);

        CutStreams(1);
        Assert.Equal((CircuitState.Open, OpenFor), (_circuit.State, _circuit.Wait));

        _clock.Advance(OpenFor);
        CutStreams(1);
        Assert.Equal((CircuitState.Open, OpenFor), (_circuit.State, _circuit.Wait));

        _clock.Advance(OpenFor);
        _circuit.Answered(isProbe: true);
        _circuit.Whole();
        CutStreams(2);
        Assert.Equal(CircuitState.Closed, _circuit.State);

        void CutStreams(int count)
        {
            for (var i = 0; i < count; i++)
            {
                Assert.True(_circuit.TryEnter(out var isProbe));
                _circuit.Answered(isProbe);
                _circuit.Cut();
            }
        }
    }

    [Fact]
    public void FailuresOfRequestsUnderWay_DoNotKeepItOpenForLonger()
    {
        Fail(3);
        _clock.Advance(TimeSpan.FromSeconds(20));

        Fail(5);

        Assert.Equal(TimeSpan.FromSeconds(10), _circuit.Wait);
    }

    [Fact]
    public async Task ManyAtOnce_ExactlyOneIsTheProbe()
    {
        Fail(3);
        for (var round = 0; round < 20; round++)
        {
            _clock.Advance(OpenFor);
            using var start = new Barrier(8);
            var entered = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Factory.StartNew(
                () =>
                {
                    start.SignalAndWait();
                    return _circuit.TryEnter(out var isProbe) && isProbe;
                },
                CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));

            Assert.Single(entered, isProbe => isProbe);
            _circuit.Failed(isProbe: true);
        }
    }

    private void Fail(int times)
    {
        for (var i = 0; i < times; i++)
        {
            _circuit.Failed(isProbe: false);
        }
    }
}
