using System.CommandLine;
using System.Text;
using System.Text.Json.Nodes;
using GatewayOps.Cli.ControlPlane;
using GatewayOps.Cli.Output;
using GatewayOps.Rules;

namespace GatewayOps.Cli.Commands;

/// <summary>`lint`: what is valid and not wise. A file needs no service.</summary>
public static class LintCommand
{
    private static readonly Table Findings = new("findings", "code", "Nothing to say.", Column.Of("severity", "severity"), Column.Of("pointer", "pointer"), Column.Of("code", "code"), Column.Of("message", "message"));

    public static Command Build(Shell shell)
    {
        var file = new Option<string?>("--file", "-f") { Description = "The rule-set document (JSON); - is stdin." };
        var name = new Option<string?>("--name", "-n") { Description = "Name of a stored rule set, in the place of --file." };
        var revision = ContentCommand.RevisionOption();
        var verb = new Command("lint", "What is valid in a rule set and not wise: keys in documents, an open gateway, no caching, no rate limits.") { file, name, revision };
        shell.Runs(
            verb,
            async (parse, cancellationToken) =>
            {
                var (document, what) = (parse.GetValue(file), parse.GetValue(name)) switch
                {
                    ({ } path, null) => (await ContentCommand.ReadAsync(path, cancellationToken), path),
                    (null, { } stored) => (await StoredAsync(shell.Address(parse), stored, parse.GetValue(revision), cancellationToken), $"the stored {stored}"),
                    _ => throw new CliException("Either --file or --name is needed.", "gatewayops lint --file FILE, or gatewayops lint --name NAME"),
                };
                var findings = RuleSetLint.Of(ContentCommand.Valid(document, what));
                shell.Writer(parse).Write(new JsonObject { ["findings"] = new JsonArray([.. findings.Select(Row)]) }, Findings);
                return findings.Any(finding => finding.Severity == LintSeverity.Warning) ? ExitCodes.Differences : ExitCodes.Ok;
            },
            new Exits(ExitCodes.ComparisonFailed, "0 no warning, 1 warnings, 2 error"));
        return verb;
    }

    private static async Task<byte[]> StoredAsync(ServiceAddress address, string name, int? revision, CancellationToken cancellationToken)
    {
        using var api = new ControlPlaneApi(address);
        return Encoding.UTF8.GetBytes(await api.GetTextAsync(ContentCommand.Of(name, revision), cancellationToken));
    }

    private static JsonObject Row(LintFinding finding) => new()
    {
        ["code"] = finding.Code,
        ["severity"] = finding.Severity.ToString().ToLowerInvariant(),
        ["pointer"] = finding.Pointer,
        ["message"] = finding.Message,
    };
}
