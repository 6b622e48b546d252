using System.CommandLine;
using GatewayOps.Cli.Output;

namespace GatewayOps.Cli.Commands;

/// <summary>The hand-over documents of Pulumi stacks: which gateways Pulumi makes, and what in them it owns.</summary>
public static class StackCommand
{
    private static readonly Table Stacks = new(
        "stacks",
        "name",
        "No stack was adopted. Adopt one: pulumi stack output --json | gatewayops stack adopt --file -",
        Column.Of("stack", "name"),
        Column.Of("gateways", "gateways"),
        Column.Of("hash", "hash"),
        Column.Time("adopted", "adoptedAt"),
        Column.Of("by", "adoptedBy"));

    private static readonly Table Objects = new("objects", "key", "The stack hands nothing over.", Column.Of("kind", "kind"), Column.Of("key", "key"), Column.Of("owner", "owner"), Column.Of("found", "found"));

    public static Command Build(Shell shell) => new("stack", "Pulumi stacks: adopt, list, remove.") { Adopt(shell), List(shell), Remove(shell) };

    private static Command Adopt(Shell shell)
    {
        var file = new Option<string>("--file", "-f") { Description = "The hand-over document, or what `pulumi stack output --json` prints; - is stdin.", Required = true };
        var dryRun = new Option<bool>("--dry-run") { Description = "Check it and say what would be adopted, and change nothing." };
        var verb = new Command("adopt", "Take over the hand-over document of a Pulumi stack. Repeating it changes nothing.") { file, dryRun };
        shell.Calls(verb, async (call, cancellationToken) =>
        {
            var document = await Input.BytesAsync(call.Value(file), "hand-over document", cancellationToken);
            var answer = await call.Api.PostAsync(Pages.Query("/api/v1/stack", ("dryRun", call.Optional(dryRun) ? "true" : null)), document, cancellationToken);
            call.Writer.Message($"{(call.Optional(dryRun) ? "would adopt" : Cell.Flag(answer["unchanged"]) ? "already adopted" : "adopted")} {Cell.Text(answer["name"])}");
            call.Writer.Write(answer, Objects);
            if (call.Writer.Format == OutputFormat.Table)
            {
                foreach (var gateway in Cell.Items(answer["gateways"]).Where(gateway => Cell.Items(gateway["changes"]).Any()))
                {
                    call.Writer.Line($"gateway {Cell.Text(gateway["gateway"])}:");
                    PlanPrinter.PrintChanges(call.Writer, Cell.Items(gateway["changes"]));
                }
            }

            return ExitCodes.Ok;
        });
        return verb;
    }

    private static Command List(Shell shell)
    {
        var verb = new Command("list", "The adopted stacks.");
        shell.Calls(verb, async (call, cancellationToken) =>
        {
            call.Writer.Write(await Pages.AllAsync(call.Api, "/api/v1/stacks", "stacks", cancellationToken), Stacks);
            return ExitCodes.Ok;
        });
        return verb;
    }

    private static Command Remove(Shell shell)
    {
        var name = new Argument<string>("name") { Description = "project/stack, as `stack list` shows it." };
        var verb = new Command("remove", "Forget a stack. Nothing of it is changed in Cloudflare or Pulumi.") { name };
        shell.Calls(verb, async (call, cancellationToken) =>
        {
            var path = call.Value(name).Split('/') is [{ Length: > 0 } project, { Length: > 0 } stack]
                ? $"/api/v1/stacks/{Uri.EscapeDataString(project)}/{Uri.EscapeDataString(stack)}"
                : throw new CliException($"'{call.Value(name)}' names no stack.", "give it as project/stack: gatewayops stack list");
            await call.Api.DeleteAsync(path, (await call.Api.ReadAsync(path, cancellationToken)).EntityTag, cancellationToken);
            call.Writer.Message($"removed {call.Value(name)}");
            return ExitCodes.Ok;
        });
        return verb;
    }
}
