using System.CommandLine;
using System.Text.Json.Nodes;
using GatewayOps.Cli.Output;

namespace GatewayOps.Cli.Commands;

/// <summary>`import`: what Cloudflare has now, as rule sets whose plan is empty.</summary>
public static class ImportCommand
{
    private static readonly Table Documents = new("documents", "name", "There is nothing to import: the account has no gateway.");

    public static Command Build(Shell shell)
    {
        var gateways = new Option<string[]>("--gateway", "-g") { Description = "Only this gateway. May be repeated; default: every gateway of the account." };
        var name = new Option<string?>("--name", "-n") { Description = "Name of the rule set." };
        var file = new Option<string?>("--output-file") { Description = "Write the document to this file, which must not be there yet, and not to stdout. Several documents: the name of each goes before the extension.", HelpName = "path" };
        var verb = new Command("import", "Print what the account's gateways are now as a rule set, one for all gateways that are set alike. Stored and executed, it would change nothing.") { gateways, name, file };
        shell.Calls(verb, async (call, cancellationToken) =>
        {
            var given = call.Optional(gateways) ?? [];
            var body = ContentCommand.Body(("gateways", given.Length == 0 ? null : new JsonArray([.. given.Select(gateway => (JsonNode)gateway)])), ("name", call.Optional(name)));
            var answer = await call.Api.PostAsync("/api/v1/import", body, cancellationToken);
            foreach (var note in Cell.Items(answer["notes"]))
            {
                call.Writer.Message($"note:  {string.Join(' ', new[] { note["gateway"], note["subject"], note["message"] }.OfType<JsonNode>().Select(Cell.Text))}");
            }

            var documents = Cell.Items(answer["documents"]).ToList();
            if (call.Optional(file) is { } path)
            {
                foreach (var document in documents)
                {
                    var to = documents.Count == 1 ? path : Path.ChangeExtension(path, Cell.Text(document["name"]) + Path.GetExtension(path));
                    await Input.WriteNewAsync(to, Cell.Member(document, "document").ToJsonString(OutputWriter.Indented) + "\n", cancellationToken);
                    call.Writer.Message($"wrote {to}\nnext:  gatewayops content add --name {Cell.Text(document["name"])} --file {to}");
                }
            }
            else if (call.Writer.Format is OutputFormat.Table && documents.Count > 0)
            {
                // A table would say nothing that `content add` could read.
                documents.ForEach(document => call.Writer.Line(Cell.Member(document, "document").ToJsonString(OutputWriter.Indented)));
            }
            else
            {
                call.Writer.Write(answer, Documents);
            }

            return ExitCodes.Ok;
        });
        return verb;
    }
}
