using System.Globalization;
using GatewayOps.Cloudflare;
using GatewayOps.Cloudflare.Secrets;
using GatewayOps.ControlPlane.Reconciliation.Applying;
using GatewayOps.ControlPlane.Reconciliation.Planning;
using Microsoft.EntityFrameworkCore;
using Quartz;

namespace GatewayOps.Tests.Reconciliation;

/// <summary>
/// A job of the service's own cluster whose effect can be counted: for each tick one object in Cloudflare, named after the time for which the tick was
/// scheduled, made through the journal under the lock and its epoch. A tick that a killed node had begun fires again on another one, which looks first.
/// </summary>
[DisallowConcurrentExecution]
internal sealed class TickJob(GatewayLocks locks, Journal journal, JournalRecovery recovery, CloudflareClient cloudflare) : IJob
{
    public const string Name = "tick", Gateway = "ticks", Store = "ticks";

    public static TimeSpan Interval { get; } = TimeSpan.FromSeconds(1);

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        var tick = $"tick_{(await ScheduledForAsync(context, cancellationToken)).ToUnixTimeMilliseconds()}";
        await using var held = await locks.AcquireAsync(Gateway, cancellationToken);
        await recovery.RecoverAsync(held, cancellationToken);
        await using (var db = held.OpenDb())
        {
            if (await db.Inventory.AnyAsync(item => item.Gateway == Gateway && item.Key == tick, cancellationToken))
            {
                return;
            }
        }

        var store = await cloudflare.Secrets.ListStoresAsync(cancellationToken).FirstAsync(cancellationToken);
        await journal.CallAsync(held, new Step(Guid.CreateVersion7(), ObjectKind.Secret, tick, ChangeOp.Create, tick),
            token => cloudflare.Secrets.CreateSecretAsync(store.Id, new NewSecret(tick, "tick", ["ai_gateway"], null), token), made => made.Id, cancellationToken);
    }

    // Of a recovery, that of the firing that it stands for; the scheduler hands it on as text, to the second.
    private static async ValueTask<DateTimeOffset> ScheduledForAsync(IJobExecutionContext context, CancellationToken cancellationToken)
    {
        if (!context.MergedJobDataMap.TryGetValue(SchedulerConstants.FailedJobOriginalTriggerScheduledFireTime, out var original))
        {
            return context.ScheduledFireTimeUtc!.Value;
        }

        var trigger = await context.Scheduler.GetTrigger(new TriggerKey(Name), cancellationToken);
        return DateTimeOffset.Parse((string)original!, CultureInfo.InvariantCulture).AddMilliseconds(trigger!.StartTimeUtc.Millisecond);
    }
}
