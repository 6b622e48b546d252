using System.CommandLine;
using System.Text.Json.Nodes;
using GatewayOps.Cli.ControlPlane;
using GatewayOps.Cli.Output;
using GatewayOps.Rules;

namespace GatewayOps.Cli.Commands;

/// <summary>Rule sets: add, validate, list, get, diff, history, replay, remove; and plan, execute, rollback, which also stand at the top level.</summary>
public static class ContentCommand
{
    private static readonly Table Configs = new(
        "configs",
        "name",
        "No configurations found. Add one: gatewayops content add --file FILE",
        Column.Of("name", "name"),
        Column.Of("revision", "latestRevision"),
        new("active", row => Cell.Text(new JsonArray([.. Cell.Items(row["active"]).Select(active => (JsonNode)$"{Cell.Text(active["gateway"])}@{Cell.Text(active["revision"])}")]))),
        Column.Time("created", "createdAt"));

    private static readonly Table Revisions = new(
        "revisions",
        "revision",
        "No revisions.",
        Column.Of("revision", "revision"),
        Column.Of("hash", "hash"),
        Column.Time("created", "createdAt"),
        Column.Of("by", "createdBy"),
        new("active on", row => Cell.Text(new JsonArray([.. Cell.Items(row["activations"]).Where(activation => activation["until"] is null).Select(activation => Cell.Member(activation, "gateway").DeepClone())]))));

    private static readonly Table Added = new("", "name", "", Column.Of("name", "name"), Column.Of("revision", "revision"), Column.Of("hash", "hash"), Column.Of("unchanged", "unchanged"));

    private static readonly Table Faults = new("errors", "pointer", "valid", Column.Of("pointer", "pointer"), Column.Of("code", "code"), Column.Of("message", "message"));

    public static Command Build(Shell shell) => new("content", "Rule sets: what the gateways should do.")
    {
        Add(shell),
        Validate(shell),
        List(shell),
        Get(shell),
        Remove(shell),
        DiffCommand.Build(shell),
        History(shell),
        ReplayCommand.Build(shell),
        Plan(shell),
        Execute(shell),
        Rollback(shell),
    };

    private static Command Add(Shell shell)
    {
        var file = FileOption();
        var name = new Option<string?>("--name", "-n") { Description = "Name of the rule set; default: the document's own, then the file's stem." };
        var verb = new Command("add", "Store a new revision of a rule set. Nothing changes in Cloudflare until it is executed.") { file, name };
        shell.Calls(verb, async (call, cancellationToken) =>
        {
            var path = call.Value(file);
            var document = await ReadAsync(path, cancellationToken);
            call.Writer.Write(await AddAsync(call.Api, NameOf(document, call.Optional(name), path), document, cancellationToken), Added);
            return ExitCodes.Ok;
        });
        return verb;
    }

    private static Command Validate(Shell shell)
    {
        var file = FileOption();
        var verb = new Command("validate", "Check a rule set without a service: every fault with its JSON pointer.") { file };
        shell.Runs(
            verb,
            async (parse, cancellationToken) =>
            {
                var document = await ReadAsync(parse.GetRequiredValue(file), cancellationToken);
                var reading = RuleSetReader.Read(document);
                var answer = new JsonObject
                {
                    ["valid"] = reading.IsValid,
                    ["hash"] = reading.IsValid ? RuleSetHash.Of(document) : null,
                    ["errors"] = new JsonArray([.. reading.Errors.Select(error => new JsonObject { ["code"] = error.Code, ["pointer"] = error.Pointer, ["message"] = error.Message })]),
                };
                shell.Writer(parse).Write(answer, Faults);
                return reading.IsValid ? ExitCodes.Ok : ExitCodes.Failed;
            },
            new Exits(ExitCodes.Failed, "0 valid, 1 not valid or not readable"));
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
        var revision = RevisionOption();
        var verb = new Command("get", "Print the stored bytes of a rule set, whatever -o says.") { name, revision };
        shell.Calls(verb, async (call, cancellationToken) =>
        {
            call.Writer.Raw(await call.Api.GetTextAsync(Of(call.Value(name), call.Optional(revision)), cancellationToken));
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
            await call.Api.DeleteAsync(path, (await call.Api.ReadAsync(path, cancellationToken)).EntityTag, cancellationToken);
            call.Writer.Message($"removed {call.Value(name)}");
            return ExitCodes.Ok;
        });
        return verb;
    }

    /// <summary>`plan`: exit 0 when nothing would change, 1 when something would, 2 on an error.</summary>
    public static Command Plan(Shell shell)
    {
        var name = NameOption();
        var revision = RevisionOption();
        var (prune, massDelete) = DeleteOptions();
        var verb = new Command("plan", "What executing would change, field by field and why, where each setting is enforced, and the hash to execute it by. Changes nothing.") { name, revision, prune, massDelete };
        shell.Calls(
            verb,
            async (call, cancellationToken) =>
            {
                var body = Body(("revision", call.Optional(revision)), ("prune", Given(call, prune)), ("allowMassDelete", Given(call, massDelete)));
                var plan = await call.Api.PostAsync($"{Of(call.Value(name))}/plan", body, cancellationToken);
                PlanPrinter.Print(call.Writer, plan);
                if (!PlanPrinter.HasChanges(plan))
                {
                    return ExitCodes.Ok;
                }

                call.Writer.Message($"next:  gatewayops execute --name {call.Value(name)} --revision {Cell.Text(plan["revision"])}{(call.Optional(prune) ? " --prune" : "")}{(call.Optional(massDelete) ? " --allow-mass-delete" : "")} --plan-hash {Cell.Text(plan["hash"])}");
                return ExitCodes.Differences;
            },
            Exits.Compares);
        return verb;
    }

    public static Command Execute(Shell shell)
    {
        var name = NameOption();
        var revision = RevisionOption();
        var execution = new ExecutionOptions();
        var verb = execution.AddTo(new Command("execute", "Make a revision active and bring Cloudflare to it.") { name, revision });
        shell.Calls(verb, async (call, cancellationToken) =>
        {
            var body = execution.Of(call);
            body["revision"] = call.Optional(revision);
            return RunPrinter.Print(call.Writer, await call.Api.PostAsync($"{Of(call.Value(name))}/execute", body, cancellationToken));
        });
        return verb;
    }

    public static Command Rollback(Shell shell)
    {
        var name = NameOption();
        var revision = new Option<int>("--revision", "-r") { Description = "Number of the revision to return to.", Required = true };
        var execution = new ExecutionOptions();
        var verb = execution.AddTo(new Command("rollback", "Activate an older revision again: a new activation, nothing is edited.") { name, revision });
        shell.Calls(verb, async (call, cancellationToken) =>
        {
            var body = execution.Of(call);
            body["revision"] = call.Value(revision);
            return RunPrinter.Print(call.Writer, await call.Api.PostAsync($"{Of(call.Value(name))}/rollback", body, cancellationToken));
        });
        return verb;
    }

    /// <summary>Stores a document as the next revision of a rule set.</summary>
    public static Task<JsonNode> AddAsync(ControlPlaneApi api, string name, byte[] document, CancellationToken cancellationToken) =>
        api.PostAsync($"/api/v1/content?name={Uri.EscapeDataString(name)}", document, cancellationToken);

    public static Option<string> FileOption() => new("--file", "-f") { Description = "The rule-set document (JSON); - is stdin.", Required = true };

    public static Option<string> NameOption() => new("--name", "-n") { Description = "Name of the rule set.", Required = true };

    public static Option<int?> RevisionOption() => new("--revision", "-r") { Description = "Number of the revision; default: the latest." };

    /// <summary>Path of a rule set, or of one of its revisions.</summary>
    public static string Of(string name, int? revision = null) => $"/api/v1/content/{ControlPlaneApi.Segment(name)}{(revision is { } number ? $"/revisions/{number}" : "")}";

    public static Task<byte[]> ReadAsync(string path, CancellationToken cancellationToken) => Input.BytesAsync(path, "rule-set document", cancellationToken);

    /// <summary>The rule set of a document. Throws with every fault where it is not valid; <paramref name="what"/> names it there.</summary>
    public static RuleSet Valid(byte[] document, string what)
    {
        var reading = RuleSetReader.Read(document);
        return reading.IsValid
            ? reading.RuleSet
            : throw new CliException($"{what} is not valid:\n{string.Join('\n', reading.Errors.Select(error => $"  {(error.Pointer.Length > 0 ? error.Pointer : "(document)")}: {error.Message}"))}", "gatewayops content validate --file FILE");
    }

    /// <summary>As `add` names a document: as told, by itself, by its file.</summary>
    public static string NameOf(byte[] document, string? given, string path) =>
        given ?? RuleSetReader.Read(document).RuleSet?.Name ?? (path == "-" ? throw new CliException("The document has no name.", "give one with --name") : Path.GetFileNameWithoutExtension(path));

    /// <summary>The members that have a value.</summary>
    public static JsonObject Body(params (string Name, JsonNode? Value)[] members) =>
        new(members.Where(member => member.Value is not null).Select(member => KeyValuePair.Create(member.Name, member.Value)));

    private static JsonNode? Given(Call call, Option<bool> flag) => call.Optional(flag) ? true : null;

    private static (Option<bool> Prune, Option<bool> MassDelete) DeleteOptions() => (
        new("--prune") { Description = "Delete the routes, policies and custom providers that we made and that no active rule set declares any more." },
        new("--allow-mass-delete") { Description = "Allow a plan that deletes most of what we made, or that follows from an empty rule set." });

    // What `execute` and `rollback` may be told.
    private sealed class ExecutionOptions
    {
        private readonly Option<string?> _hash = new("--plan-hash") { Description = "Refuse with a conflict unless the plan is still the one with this hash; each shown plan can be executed once." };
        private readonly Option<string?> _id = new("--plan-id") { Description = "As --plan-hash, by the id that the plan was shown with." };
        private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Do everything but change anything." };
        private readonly Option<bool> _prune;
        private readonly Option<bool> _massDelete;

        public ExecutionOptions() => (_prune, _massDelete) = DeleteOptions();

        public Command AddTo(Command verb)
        {
            foreach (var option in new Option[] { _hash, _id, _dryRun, _prune, _massDelete })
            {
                verb.Add(option);
            }

            return verb;
        }

        public JsonObject Of(Call call) => Body(
            ("planHash", call.Optional(_hash)),
            ("planId", call.Optional(_id)),
            ("dryRun", Given(call, _dryRun)),
            ("prune", Given(call, _prune)),
            ("allowMassDelete", Given(call, _massDelete)));
    }
}
