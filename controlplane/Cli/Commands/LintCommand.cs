using System.CommandLine;
using System.Text;
using System.Text.Json.Nodes;
using GatewayOps.Cli.Output;

namespace GatewayOps.Cli.Commands;

/// <summary>`lint`: what is valid and not wise.</summary>
public static class LintCommand
{
    private static readonly Table Findings = new("findings", "code", "Nothing to say.", Column.Of("severity", "severity"), Column.Of("pointer", "pointer"), Column.Of("code", "code"), Column.Of("message", "message"));

    public static Command Build(Shell shell)
    {
        var file = new Option<string?>("--file", "-f") { Description = "The rule-set document (JSON); - is stdin." };
        var name = new Option<string?>("--name", "-n") { Description = "Name of a stored rule set, in the place of --file." };
        var revision = ContentCommand.RevisionOption();
        var verb = new Command("lint", "What is valid in a rule set and not wise: keys in documents, an open gateway, no caching, no rate limits.") { file, name, revision };
        shell.Calls(
            verb,
            async (call, cancellationToken) =>
            {
                var document = (call.Optional(file), call.Optional(name)) switch
                {
                    ({ } path, null) => await ContentCommand.ReadAsync(path, cancellationToken),
                    (null, { } stored) => Encoding.UTF8.GetBytes(await call.Api.GetTextAsync(ContentCommand.Of(stored, call.Optional(revision)), cancellationToken)),
                    _ => throw new CliException("Either --file or --name is needed.", "gatewayops lint --file FILE, or gatewayops lint --name NAME"),
                };
                var answer = await call.Api.PostAsync("/api/v1/content/lint", document, cancellationToken);
                call.Writer.Write(answer, Findings);
                return Cell.Items(answer["findings"]).Any(finding => Cell.Text(finding["severity"]) == "warning") ? ExitCodes.Differences : ExitCodes.Ok;
            },
            new Exits(ExitCodes.ComparisonFailed, "0 no warning, 1 warnings, 2 error"));
        return verb;
    }
}
