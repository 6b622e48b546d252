using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using GatewayOps.Rules;

namespace GatewayOps.ControlPlane.Reconciliation.Planning;

/// <summary>A plan for people: one line per change, with `+` create, `~` update, `-` delete and `!` report; what a new object holds stands below it.</summary>
public static class PlanText
{
    public static string Of(Plan plan) => $"{Changes(plan)}plan {plan.Hash}\n";

    /// <summary>Without the hash: a plan over several gateways has one of its own.</summary>
    public static string Changes(Plan plan)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"gateway {plan.Gateway} at {plan.Revision}: {Summary(plan)}\n");
        foreach (var change in plan.Changes)
        {
            text.Append(CultureInfo.InvariantCulture, $"  {Mark(change.Op)} {SnakeCaseEnum<ObjectKind>.Of(change.Kind)} {change.Key}{Difference(change)}\n");
            foreach (var (name, value) in Members(change))
            {
                text.Append(CultureInfo.InvariantCulture, $"      {name} = {value}\n");
            }

            text.Append(CultureInfo.InvariantCulture, $"      {change.Reason}\n");
        }

        return text.ToString();
    }

    private static string Summary(Plan plan)
    {
        if (plan.Changes.Count == 0)
        {
            return "no changes";
        }

        var counts =
            from change in plan.Changes
            group change by change.Op into byOp
            orderby byOp.Key
            select $"{byOp.Count()} to {SnakeCaseEnum<ChangeOp>.Of(byOp.Key)}";
        return string.Join(", ", counts);
    }

    private static string Difference(Change change) => change switch
    {
        { Field: null } => "",
        { From: null, To: { } to } => $" {change.Field} = {to}",
        { From: { } from, To: null, Op: ChangeOp.Update } => $" {change.Field} {from} removed",
        { From: { } from, To: null } => $" {change.Field} is {from}",
        _ when change.Op == ChangeOp.Report => $" {change.Field} is {change.From}, expected {change.To}",
        _ => $" {change.Field} {change.From} -> {change.To}",
    };

    private static IEnumerable<(string Name, FieldValue Value)> Members(Change change) => change is { Field: null, Op: ChangeOp.Create, To: { } whole } && whole.ToNode() is JsonObject members
        ? members.Select(member => (member.Key, new FieldValue(CanonicalJson.Of(member.Value))))
        : [];

    private static char Mark(ChangeOp op) => op switch
    {
        ChangeOp.Create => '+',
        ChangeOp.Update => '~',
        ChangeOp.Delete => '-',
        _ => '!',
    };
}
