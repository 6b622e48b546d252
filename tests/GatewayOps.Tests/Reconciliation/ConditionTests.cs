using GatewayOps.ControlPlane.Reconciliation;
using GatewayOps.ControlPlane.Reconciliation.Planning;

namespace GatewayOps.Tests.Reconciliation;

public sealed class ConditionTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly Change Update = new(ChangeOp.Update, ObjectKind.Gateway, "prod", "set by rules@1", "cache_ttl");
    private static readonly Change Report = new(ChangeOp.Report, ObjectKind.Gateway, "prod", "owned by Pulumi", "authentication");

    public static TheoryData<string, PassFacts, string> Cases => new()
    {
        { "first apply", new() { Found = Plan(Update), Remaining = Plan() }, "Ready True Reconciled, Synced True InSync, Drifted False NotAppliedBefore" },
        { "nothing to do", new() { Found = Plan(), Remaining = Plan(), WasApplied = true }, "Ready True Reconciled, Synced True InSync, Drifted False NoDrift" },
        { "drift, not yet repaired", new() { Found = Plan(Update), Remaining = Plan(Update), WasApplied = true }, "Ready True Reconciled, Synced False ChangesPending, Drifted True Changed" },
        { "drift, repaired", new() { Found = Plan(Update), Remaining = Plan(), WasApplied = true }, "Ready True Reconciled, Synced True InSync, Drifted False Repaired" },
        { "drift of another owner", new() { Found = Plan(Report), Remaining = Plan(Report), WasApplied = true }, "Ready True Reconciled, Synced True InSync, Drifted True ReportedOnly" },
        { "Cloudflare away", new() { Fault = ("CloudflareUnavailable", "no answer") }, "Ready False CloudflareUnavailable, Synced Unknown NotObserved, Drifted Unknown NotObserved" },
        { "write refused", new() { Found = Plan(Update), Remaining = Plan(Update), Fault = ("CloudflareRejected", "400") }, "Ready False CloudflareRejected, Synced False ChangesPending, Drifted False NotAppliedBefore" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Of_AfterAPass_SaysWhatIsSo(string pass, PassFacts facts, string expected)
    {
        var conditions = Conditions.Of(facts, [], Now);

        Assert.True(expected == string.Join(", ", conditions.Select(condition => $"{condition.Type} {condition.Status} {condition.Reason}")), pass);
    }

    [Fact]
    public void Of_SameStatusAsBefore_KeepsTheTimeOfItsTransition()
    {
        var before = Conditions.Of(new() { Found = Plan(), Remaining = Plan(), WasApplied = true }, [], Now);

        var after = Conditions.Of(new() { Found = Plan(Update), Remaining = Plan(Update), WasApplied = true }, before, Now.AddHours(1));

        Assert.Equal([Now, Now.AddHours(1), Now.AddHours(1)], after.Select(condition => condition.LastTransitionTime));
    }

    private static Plan Plan(params Change[] changes) => new() { Gateway = "prod", Revision = "rules@1", Exists = true, Changes = changes };
}
