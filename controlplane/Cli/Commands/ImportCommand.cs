using System.CommandLine;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Cli.Output;

namespace GatewayOps.Cli.Commands;

/// <summary>`import`: what Cloudflare has now, as a rule set whose plan is empty.</summary>
public static class ImportCommand
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Build(Shell shell)
    {
        var gateways = new Option<string[]>("--gateway", "-g") { Description = "Only this gateway. May be repeated; default: every gateway of the account." };
        var name = new Option<string?>("--name", "-n") { Description = "Name of the rule set." };
        var file = new Option<string?>("--output-file") { Description = "Write the document to this file, which must not be there yet, and not to stdout.", HelpName = "path" };
        var verb = new Command("import", "Print what the account's gateways are now as a rule set. Stored and executed, it would change nothing.") { gateways, name, file };
        shell.Calls(verb, async (call, cancellationToken) =>
        {
            var given = call.Optional(gateways) ?? [];
            var body = ContentCommand.Body(("gateways", given.Length == 0 ? null : new JsonArray([.. given.Select(gateway => (JsonNode)gateway)])), ("name", call.Optional(name)));
            var answer = await call.Api.PostAsync("/api/v1/import", body, cancellationToken);
            foreach (var note in Cell.Items(answer["notes"]))
            {
                call.Writer.Message($"note:  {Cell.Text(note)}");
            }

            if (call.Optional(file) is { } path)
            {
                await WriteAsync(path, answer["document"], cancellationToken);
                call.Writer.Message($"next:  gatewayops content add --file {path}");
            }
            else if (call.Writer.Format is OutputFormat.Table)
            {
                call.Writer.Line(answer["document"]!.ToJsonString(Indented)); // a table says nothing that `content add` could read
            }
            else
            {
                call.Writer.Write(answer["document"]!, new Table("", "name", ""));
            }

            return ExitCodes.Ok;
        });
        return verb;
    }

    private static async Task WriteAsync(string path, JsonNode? document, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
            await stream.WriteAsync(Encoding.UTF8.GetBytes(document!.ToJsonString(Indented) + "\n"), cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"{path} cannot be written: {e.Message}", "give the path of a file that is not there yet with --output-file");
        }
    }
}
