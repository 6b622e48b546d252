using System.CommandLine;
using System.Text.Json.Nodes;
using GatewayOps.Cli.Output;
using GatewayOps.Rules;

namespace GatewayOps.Cli.Commands;

/// <summary>Rule sets: add, validate, list, get, history, remove; and plan, execute, rollback, which also stand at the top level.</summary>
public static class ContentCommand
{
    private static readonly Table Configs = new(
        "configs",
        "name",
        "No configurations found. Add one: gatewayops content add --file FILE",
        Column.Of("name", "name"),
        Column.Of("revision", "latestRevision"),
        new("active", row => Cell.Text(new JsonArray((row["active"] as JsonArray ?? []).OfType<JsonNode>().Select(active => (JsonNode)$"{Cell.Text(active["gateway"])}@{Cell.Text(active["revision"])}").ToArray()))),
        Column.Time("created", "createdAt"));

    private static readonly Table Revisions = new("revisions", "revision", "No revisions.", Column.Of("revision", "revision"), Column.Of("hash", "hash"), Column.Time("created", "createdAt"), Column.Of("by", "createdBy"));

    public static Command Build(Shell shell) => new("content", "Rule sets: what the gateways should do.")
    {
        Add(shell),
        Validate(shell),
        List(shell),
        Get(shell),
        History(shell),
        Remove(shell),
        Plan(shell, "plan"),
        Plan(shell, "diff"),
        Execute(shell),
        Rollback(shell),
    };

    private static Command Add(Shell shell)
    {
        var file = FileOption();
        var name = new Option<string?>("--name") { Description = "Name of the rule set; default: the document's own, then the file's stem." };
        var verb = new Command("add", "Store a new revision of a rule set. Nothing changes in Cloudflare until it is executed.") { file, name };
        shell.Calls(verb, async (call, cancellationToken) =>
        {
            var path = call.Value(file);
            var document = await ReadAsync(path, cancellationToken);
            var chosen = call.Optional(name) ?? RuleSetReader.Read(document).RuleSet?.Name ?? Path.GetFileNameWithoutExtension(path);
            var added = await call.Api.PostAsync($"/api/v1/content?name={Uri.EscapeDataString(chosen)}", document, cancellationToken);
            call.Writer.Write(added, new Table("", "name", "", Column.Of("name", "name"), Column.Of("revision", "revision"), Column.Of("hash", "hash"), Column.Of("unchanged", "unchanged")));
            return ExitCodes.Ok;
        });
        return verb;
    }

    private static Command Validate(Shell shell)
    {
        var file = FileOption();
        var verb = new Command("validate", "Check a rule set without a service: every fault with its JSON pointer.") { file };
        shell.Runs(verb, async (parse, cancellationToken) =>
        {
            var document = await ReadAsync(parse.GetRequiredValue(file), cancellationToken);
            var reading = RuleSetReader.Read(document);
            var answer = new JsonObject
            {
                ["valid"] = reading.IsValid,
                ["hash"] = reading.IsValid ? RuleSetHash.Of(document) : null,
                ["errors"] = new JsonArray([.. reading.Errors.Select(error => new JsonObject { ["code"] = error.Code, ["pointer"] = error.Pointer, ["message"] = error.Message })]),
            };
            shell.Writer(parse).Write(answer, new Table("errors", "pointer", "valid", Column.Of("pointer", "pointer"), Column.Of("code", "code"), Column.Of("message", "message")));
            return reading.IsValid ? ExitCodes.Ok : ExitCodes.Failed;
        });
        return verb;
    }

    private static Command List(Shell shell)
    {
        var verb = new Command("list", "The stored rule sets, with their latest and active revisions.");
        shell.Calls(verb, async (call, cancellationToken) =>
        {
            call.Writer.Write(await Pages.AllAsync(call.Api, "/api/v1/content", "configs", cancellationToken), Configs);
            return ExitCodes.Ok;
        });
        return verb;
    }

    private static Command Get(Shell shell)
    {
        var name = NameOption();
        var revision = RevisionOption("Number of the revision; default: the latest.");
        var verb = new Command("get", "Print the stored bytes of a rule set.") { name, revision };
        shell.Calls(verb, async (call, cancellationToken) =>
        {
            var path = Of(call.Value(name));
            call.Writer.Raw(await call.Api.GetTextAsync(call.Optional(revision) is { } number ? $"{path}/revisions/{number}" : path, cancellationToken));
            return ExitCodes.Ok;
        });
        return verb;
    }

    private static Command History(Shell shell)
    {
        var name = NameOption();
        var verb = new Command("history", "The revisions of a rule set, newest first.") { name };
        shell.Calls(verb, async (call, cancellationToken) =>
        {
            call.Writer.Write(await Pages.AllAsync(call.Api, $"{Of(call.Value(name))}/revisions", "revisions", cancellationToken), Revisions);
            return ExitCodes.Ok;
        });
        return verb;
    }

    private static Command Remove(Shell shell)
    {
        var name = NameOption();
        var verb = new Command("remove", "Deactivate and remove a rule set. Its revisions stay on record.") { name };
        shell.Calls(verb, async (call, cancellationToken) =>
        {
            var path = Of(call.Value(name));
            await call.Api.DeleteAsync(path, await call.Api.EntityTagAsync(path, cancellationToken), cancellationToken);
            call.Writer.Message($"removed {call.Value(name)}");
            return ExitCodes.Ok;
        });
        return verb;
    }

    /// <summary>`plan` and its alias `diff`: exit 0 when nothing would change, 1 when something would, 2 on an error.</summary>
    public static Command Plan(Shell shell, string verbName)
    {
        var name = NameOption();
        var revision = RevisionOption("Number of the revision; default: the latest.");
        var verb = new Command(verbName, "What executing would change, field by field, and where each setting is enforced. Exit 0 none, 1 differences, 2 error.") { name, revision };
        shell.Calls(
            verb,
            async (call, cancellationToken) =>
            {
                var plan = await call.Api.PostAsync($"{Of(call.Value(name))}/plan", Body(("revision", call.Optional(revision))), cancellationToken);
                PlanPrinter.Print(call.Writer, plan);
                return PlanPrinter.HasChanges(plan) ? ExitCodes.Differences : ExitCodes.Ok;
            },
            ExitCodes.ComparisonFailed);
        return verb;
    }

    public static Command Execute(Shell shell)
    {
        var name = NameOption();
        var revision = RevisionOption("Number of the revision; default: the latest.");
        var hash = new Option<string?>("--plan-hash") { Description = "Refuse with a conflict unless the plan is still the one with this hash." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Do everything but change anything." };
        var verb = new Command("execute", "Make a revision active and bring Cloudflare to it.") { name, revision, hash, dryRun };
        shell.Calls(verb, async (call, cancellationToken) =>
        {
            var body = Body(("revision", call.Optional(revision)), ("planHash", call.Optional(hash)), ("dryRun", call.Optional(dryRun)));
            return RunPrinter.Print(call.Writer, await call.Api.PostAsync($"{Of(call.Value(name))}/execute", body, cancellationToken));
        });
        return verb;
    }

    public static Command Rollback(Shell shell)
    {
        var name = NameOption();
        var revision = new Option<int>("--revision", "-r") { Description = "Number of the revision to return to.", Required = true };
        var verb = new Command("rollback", "Activate an older revision again: a new activation, nothing is edited.") { name, revision };
        shell.Calls(verb, async (call, cancellationToken) =>
            RunPrinter.Print(call.Writer, await call.Api.PostAsync($"{Of(call.Value(name))}/rollback", Body(("revision", call.Value(revision))), cancellationToken)));
        return verb;
    }

    private static Option<string> FileOption() => new("--file", "-f") { Description = "The rule-set document (JSON).", Required = true };

    private static Option<string> NameOption() => new("--name", "-n") { Description = "Name of the rule set.", Required = true };

    private static Option<int?> RevisionOption(string description) => new("--revision", "-r") { Description = description };

    private static string Of(string name) => $"/api/v1/content/{Uri.EscapeDataString(name)}";

    private static JsonObject Body(params (string Name, object? Value)[] members)
    {
        var body = new JsonObject();
        foreach (var (name, value) in members)
        {
            if (value is not null)
            {
                body[name] = JsonValue.Create(value);
            }
        }

        return body;
    }

    private static async Task<byte[]> ReadAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return await File.ReadAllBytesAsync(path, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"{path} cannot be read: {e.Message}", "give the path of a rule-set document with --file");
        }
    }
}
