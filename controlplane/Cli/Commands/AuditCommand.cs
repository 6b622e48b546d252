using System.CommandLine;
using GatewayOps.Cli.Output;

namespace GatewayOps.Cli.Commands;

/// <summary>The audit trail: who changed what, and whether anybody changed the trail.</summary>
public static class AuditCommand
{
    private static readonly Table Rows = new(
        "audit",
        "sequence",
        "Nothing was changed yet.",
        Column.Of("sequence", "sequence"),
        Column.Time("at", "at"),
        Column.Of("actor", "actor"),
        Column.Of("action", "action"),
        Column.Of("target", "target"),
        Column.Of("result", "result"),
        Column.Of("request", "requestId"));

    private static readonly Table Verification = new("", "verified", "", Column.Of("rows", "rows"), Column.Of("verified", "verified"), Column.Of("unchained", "unchained"), Column.Of("head hash", "headHash"));

    public static Command Build(Shell shell) => new("audit", "The audit trail: list, verify.") { List(shell), Verify(shell) };

    private static Command List(Shell shell)
    {
        var limit = new Option<int>("--limit") { Description = "How many rows.", DefaultValueFactory = _ => 50 };
        var action = new Option<string?>("--action") { Description = "Only this action, as content.activate; content.* is all of content." };
        var actor = new Option<string?>("--actor") { Description = "Only what this operator did." };
        var target = new Option<string?>("--target") { Description = "Only what was done to this." };
        var verb = new Command("list", "Who changed what, newest first.") { limit, action, actor, target };
        shell.Calls(verb, async (call, cancellationToken) =>
        {
            var path = Pages.Query("/api/v1/audit", ("action", call.Optional(action)), ("actor", call.Optional(actor)), ("target", call.Optional(target)));
            call.Writer.Write(await Pages.FirstAsync(call.Api, path, "audit", call.Value(limit), cancellationToken), Rows);
            return ExitCodes.Ok;
        });
        return verb;
    }

    private static Command Verify(Shell shell)
    {
        var verb = new Command("verify", "Check the hash chain of the whole trail: a row that was changed, removed or put in later breaks it.");
        shell.Calls(
            verb,
            async (call, cancellationToken) =>
            {
                var verification = await call.Api.GetAsync("/api/v1/audit/verify", cancellationToken);
                call.Writer.Write(verification, Verification);
                if (verification["firstBroken"] is not { } broken)
                {
                    return ExitCodes.Ok;
                }

                call.Writer.Message($"The chain is broken at {Cell.Text(broken["sequence"])}: the row is {Cell.Text(broken["reason"])}.\nnext:  compare the rows around it with a backup of the database");
                return ExitCodes.Differences;
            },
            new Exits(ExitCodes.ComparisonFailed, "0 whole, 1 broken, 2 error"));
        return verb;
    }
}
