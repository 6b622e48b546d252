using System.Globalization;
using System.Text;
using GatewayOps.ControlPlane.Reconciliation.Planning;
using GatewayOps.Rules;

namespace GatewayOps.ControlPlane.Reconciliation;

/// <summary>A plan over all gateways of a rule set for people: what would be done, what each replica serves, where each setting is enforced, and how to execute it.</summary>
public static class RuleSetPlanText
{
    private static readonly Dictionary<EnforcementPoint, string> Places = Enum.GetValues<EnforcementPoint>().ToDictionary(
        point => point, point => SnakeCaseEnum<EnforcementPoint>.Of(point).Replace('_', ' '));

    public static string Of(RuleSetPlan plan)
    {
        var text = new StringBuilder();
        Append(text, $"{plan.RuleSet}@{plan.Revision}{(plan.Prune ? ", deleting what nothing declares any more" : "")}{(plan.AllowMassDelete ? ", even most of it" : "")}\n");
        foreach (var gateway in plan.Gateways)
        {
            text.Append('\n').Append(PlanText.Changes(gateway));
        }

        Table(text, "replicas", plan.Replicas.Select(replica => new[] { replica.Id, replica.Gateway, replica.Revision, $"seen {Time(replica.SeenAt)}" }));
        Table(text, "enforced", plan.Enforcements.Where(enforcement => enforcement.Point != EnforcementPoint.Document)
            .Select(enforcement => new[] { Places[enforcement.Point], enforcement.Pointer, enforcement.Detail }));
        text.Append('\n');
        if (plan is { Id: { } id, CreatedAt: { } made, ExpiresAt: { } expires })
        {
            Append(text, $"plan {id}, made {Time(made)}, expires {Time(expires)}\n");
        }

        Append(text, $"hash {plan.Hash}\n");
        return Append(text, $"to do it: gatewayops content execute --name {plan.RuleSet} --plan-hash {plan.Hash}\n").ToString();
    }

    private static void Table(StringBuilder text, string title, IEnumerable<string[]> rows)
    {
        var all = rows.ToList();
        if (all.Count == 0)
        {
            return;
        }

        Append(text, $"\n{title}\n");
        var widths = Enumerable.Range(0, all[0].Length).Select(column => all.Max(row => row[column].Length)).ToList();
        foreach (var row in all)
        {
            text.Append("  ").AppendJoin("  ", row.Select((cell, column) => column == row.Length - 1 ? cell : cell.PadRight(widths[column]))).Append('\n');
        }
    }

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static StringBuilder Append(StringBuilder text, FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture));
}
