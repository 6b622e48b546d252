using GatewayOps.ControlPlane.Access;
using GatewayOps.ControlPlane.Storage;
using Microsoft.Extensions.Options;
using Npgsql;

namespace GatewayOps.ControlPlane.Usage;

/// <summary>
/// Shares the limits of virtual keys with the other replicas, behind the requests: once before the first, at intervals, and soon after a request took what was not claimed yet. At a graceful
/// stop everything used is told, and what was claimed beyond is given back.
/// </summary>
public sealed partial class KeyClaimer(
    KeyAllowances allowances, KeyClaims claims, VirtualKeys keys, IOptions<KeyOptions> options, TimeProvider time, ILogger<KeyClaimer> log) : BackgroundService
{
    // Under load one exchange serves all requests of this time.
    private static readonly TimeSpan BetweenExchanges = TimeSpan.FromMilliseconds(25);

    // Without a limited key in use there is nothing to exchange but that this replica lives.
    private static readonly TimeSpan IdleInterval = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan BetweenSweeps = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _exchanging = new(1);
    private long? _swept;
    private bool _lost;

    /// <summary>Reads what was spent before this start. After <see cref="IssuedTokens"/>, so that the keys are known.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await ExchangeAsync(isLast: false, cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Farewell);
        try
        {
            await ExchangeAsync(isLast: true, patience.Token);
            await claims.LeaveAsync(patience.Token);
        }
        catch (Exception exception) when (Outage.Is(exception) || exception is OperationCanceledException or ObjectDisposedException)
        {
            // What the others last heard of this replica goes on counting.
        }
    }

    /// <summary>Tells, asks and takes over. One at a time: an older answer never replaces a newer one.</summary>
    public async Task ExchangeAsync(bool isLast, CancellationToken cancellationToken)
    {
        await _exchanging.WaitAsync(cancellationToken);
        try
        {
            var asked = allowances.Ask(isLast);
            allowances.Take(asked, await claims.ExchangeAsync(asked, time.GetUtcNow(), cancellationToken), keys.InForce);
        }
        finally
        {
            _exchanging.Release();
        }
    }

    public override void Dispose()
    {
        _exchanging.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await WaitAsync(stoppingToken);
                await ExchangeAsync(isLast: false, stoppingToken);
                if (_swept is not { } swept || time.GetElapsedTime(swept) >= BetweenSweeps)
                {
                    _swept = time.GetTimestamp();
                    await claims.ForgetAsync(time.GetUtcNow(), stoppingToken);
                }

                if (_lost)
                {
                    _lost = false;
                    Regained();
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (Outage.Is(e))
            {
                allowances.Doubt();
                if (!_lost)
                {
                    _lost = true;
                    Lost(e.GetBaseException().Message, options.Value.WithoutDatabase);
                }

                await Task.Delay(options.Value.ClaimInterval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(BetweenExchanges, time, cancellationToken);
        using var round = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var turn = Task.Delay((allowances.AreKept ? options.Value.ClaimInterval : IdleInterval) - BetweenExchanges, time, round.Token);
        await Task.WhenAny(turn, allowances.Wake.WaitAsync(round.Token));
        await round.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
    }

    [LoggerMessage(5010, LogLevel.Warning, "The database does not answer ({Reason}); limits of virtual keys go on with what this replica has claimed, and then: {WithoutDatabase}")]
    private partial void Lost(string reason, WithoutDatabase withoutDatabase);

    [LoggerMessage(5011, LogLevel.Information, "The limits of virtual keys are shared with the other replicas again")]
    private partial void Regained();
}
