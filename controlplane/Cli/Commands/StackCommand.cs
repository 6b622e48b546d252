using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Cli.ControlPlane;
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

    private static readonly Table Imported = new("", "config", "", Column.Of("config", "config"), Column.Of("resources", "resources"));

    public static Command Build(Shell shell) => new("stack", "Pulumi stacks: import, adopt, list, remove.") { Import(shell), Adopt(shell), List(shell), Remove(shell) };

    private static Command Import(Shell shell)
    {
        var name = new Argument<string>("name") { Description = "project/stack; the project is `name` in Pulumi.yaml." };
        var gateways = new Option<string[]>("--gateway", "-g") { Description = "Only this gateway. May be repeated; default: every gateway of the account." };
        var file = new Option<string?>("--output-file") { Description = "Write the configuration here, which must not be there yet; default Pulumi.STACK.yaml. The resources to import go beside it.", HelpName = "path" };
        var verb = new Command("import", "Write the configuration of a Pulumi stack, and the resources to import into it, for what the account has: the first preview after it is empty.") { name, gateways, file };
        shell.Calls(verb, async (call, cancellationToken) =>
        {
            var (project, stack) = NameOf(call.Value(name));
            var given = call.Optional(gateways) ?? [];
            var body = ContentCommand.Body(("project", project), ("gateways", given.Length == 0 ? null : new JsonArray([.. given.Select(gateway => (JsonNode)gateway)])));
            var answer = await call.Api.PostAsync("/api/v1/stack/import", body, cancellationToken);
            foreach (var note in Cell.Items(answer["notes"]))
            {
                call.Writer.Message($"note:  {string.Join(' ', new[] { note["gateway"], note["subject"], note["message"] }.OfType<JsonNode>().Select(Cell.Text))}");
            }

            var config = call.Optional(file) ?? $"Pulumi.{stack}.yaml";
            // Pulumi takes Pulumi.*.json for a stack of its own.
            var resources = Path.Combine(Path.GetDirectoryName(config) ?? "", $"import.{stack}.json");
            if (new[] { config, resources }.FirstOrDefault(File.Exists) is { } there)
            {
                throw new CliException($"{there} is there already, and nothing was written.", "move it away, or give the path of another file with --output-file");
            }

            await Input.WriteNewAsync(config, OutputWriter.Yaml(new JsonObject { ["config"] = answer["config"]?.DeepClone() }), cancellationToken);
            await Input.WriteNewAsync(resources, new JsonObject { ["resources"] = answer["resources"]?.DeepClone() }.ToJsonString(OutputWriter.Indented) + "\n", cancellationToken);
            call.Writer.Message($"wrote {config} and {resources}");
            string[] commands =
            [
                $"pulumi stack init {stack}",
                $"pulumi import --file {resources} --generate-code=false --yes",
                "pulumi preview --expect-no-changes && pulumi up --yes && pulumi stack output --json | gatewayops stack adopt --file -",
            ];
            if (call.Writer.Format == OutputFormat.Table)
            {
                // As they are typed.
                Array.ForEach(commands, command => call.Writer.Line(command));
            }
            else
            {
                call.Writer.Write(new JsonObject { ["config"] = config, ["resources"] = resources, ["commands"] = new JsonArray([.. commands.Select(command => (JsonNode)command)]) }, Imported);
            }

            return ExitCodes.Ok;
        });
        return verb;
    }

    private static (string Project, string Stack) NameOf(string name) => name.Split('/') is [{ Length: > 0 } project, { Length: > 0 } stack]
        ? (project, stack)
        : throw new CliException($"'{name}' names no stack.", "give it as project/stack: gatewayops stack list");

    private static Command Adopt(Shell shell)
    {
        var file = new Option<string>("--file", "-f") { Description = "The hand-over document, or what `pulumi stack output --json` prints; - is stdin.", Required = true };
        var dryRun = new Option<bool>("--dry-run") { Description = "Check it and say what would be adopted, and change nothing." };
        var verb = new Command("adopt", "Take over the hand-over document of a Pulumi stack. Repeating it changes nothing.") { file, dryRun };
        shell.Calls(verb, async (call, cancellationToken) =>
        {
            var document = HandOverOf(await Input.BytesAsync(call.Value(file), "hand-over document", cancellationToken));
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

    // The outputs of a stack may hold secrets (`--show-secrets`): what is no hand-over stays here. What cannot be read, the service says best.
    private static byte[] HandOverOf(byte[] document)
    {
        try
        {
            if (JsonNode.Parse(document) is not JsonObject outputs || outputs.ContainsKey("schema"))
            {
                return document;
            }

            var handed = new[] { "handover", "stack" }.FirstOrDefault(name => outputs[name] is not null)
                ?? throw new CliException("The file holds no hand-over: neither `schema` nor an output `handover` or `stack`. Nothing was sent.", "give the outputs of the stack: pulumi stack output --json | gatewayops stack adopt --file -");
            return JsonSerializer.SerializeToUtf8Bytes(new JsonObject { [handed] = outputs[handed]!.DeepClone() });
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            return document;
        }
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
            var (project, stack) = NameOf(call.Value(name));
            var path = $"/api/v1/stacks/{ControlPlaneApi.Segment(project)}/{ControlPlaneApi.Segment(stack)}";
            await call.Api.DeleteAsync(path, (await call.Api.ReadAsync(path, cancellationToken)).EntityTag, cancellationToken);
            call.Writer.Message($"removed {call.Value(name)}");
            return ExitCodes.Ok;
        });
        return verb;
    }
}
