using System.CommandLine;
using System.Text.Json.Nodes;
using GatewayOps.Cli.ControlPlane;
using GatewayOps.Cli.Output;

namespace GatewayOps.Cli.Commands;

/// <summary>Gateways as the control plane sees them: list, show, create, drift, reconcile, pause, resume, control.</summary>
public static class GatewayCommand
{
    public static readonly Table Gateways = new(
        "gateways",
        "gateway",
        "No gateways yet. Create one: gatewayops gateway create ID",
        Column.Of("gateway", "gateway"),
        Column.Of("desired", "desired"),
        Column.Of("applied", "applied"),
        Column.Of("loaded", "loaded"),
        new("ready", row => GatewayPrinter.Condition(row, "Ready")),
        new("drifted", row => GatewayPrinter.Condition(row, "Drifted")),
        new("held", row => GatewayPrinter.Held(row) is { Count: > 0 } reasons ? string.Join(", ", reasons) : "-"));

    private static readonly Table Control = new(
        "",
        "gateway",
        "",
        Column.Of("gateway", "gateway"),
        Column.Of("mode", "mode"),
        Column.Of("ignored", "ignore"),
        new("paused", row => GatewayPrinter.Pause(row["paused"])));

    private static readonly Table Drift = new(
        "changes",
        "key",
        "No drift.",
        new Column("change", PlanPrinter.Line));

    public static Command Build(Shell shell) => new("gateway", "Gateways: what they are to be, what they are, and how they are kept.")
    {
        List(shell),
        Show(shell),
        Create(shell),
        DriftOf(shell),
        Reconcile(shell),
        Pause(shell),
        Resume(shell),
        ControlOf(shell),
    };

    private static Command List(Shell shell)
    {
        var verb = new Command("list", "The gateways that the control plane looks after.");
        shell.Calls(verb, async (call, cancellationToken) =>
        {
            call.Writer.Write(await Pages.AllAsync(call.Api, "/api/v1/gateways", "gateways", cancellationToken), Gateways);
            return ExitCodes.Ok;
        });
        return verb;
    }

    private static Command Show(Shell shell)
    {
        var id = Id();
        var verb = new Command("show", "One gateway: revisions, conditions, drift.") { id };
        shell.Calls(verb, async (call, cancellationToken) =>
        {
            var status = await call.Api.GetAsync(Of(call.Value(id)), cancellationToken);
            GatewayPrinter.Print(call.Writer, status);
            return ExitCodes.Ok;
        });
        return verb;
    }

    private static Command Create(Shell shell)
    {
        var id = Id();
        var authentication = new Option<bool>("--authentication") { Description = "Require cf-aig-authorization on the data plane.", DefaultValueFactory = _ => true };
        var verb = new Command("create", "Create a gateway in Cloudflare. Repeating it changes nothing.") { id, authentication };
        shell.Calls(verb, async (call, cancellationToken) =>
        {
            var (gateway, made) = await call.Api.MakeAsync("/api/v1/gateways", StartCommand.Body(call.Value(id), call.Value(authentication)), cancellationToken);
            call.Writer.Message(made ? $"created {call.Value(id)}" : $"already there, left as it is: {call.Value(id)}");
            call.Writer.Write(gateway, Gateways with { Rows = "" });
            return ExitCodes.Ok;
        });
        return verb;
    }

    private static Command DriftOf(Shell shell)
    {
        var id = Id();
        var verb = new Command("drift", "Differences between Cloudflare and the active revisions, observed now. Changes nothing.") { id };
        shell.Calls(
            verb,
            async (call, cancellationToken) =>
            {
                var drift = await call.Api.GetAsync($"{Of(call.Value(id))}/drift", cancellationToken);
                PrintDrift(call.Writer, drift);
                return Cell.Flag(drift["drifted"]) ? ExitCodes.Differences : ExitCodes.Ok;
            },
            Exits.Compares);
        return verb;
    }

    private static Command Reconcile(Shell shell)
    {
        var id = Id();
        var verb = new Command("reconcile", "Bring a gateway to its active revisions now, without waiting for the interval.") { id };
        shell.Calls(verb, async (call, cancellationToken) =>
            RunPrinter.Print(call.Writer, await call.Api.PostAsync("/api/v1/reconcile", new JsonObject { ["gateway"] = call.Value(id) }, cancellationToken)));
        return verb;
    }

    private static Command Pause(Shell shell)
    {
        var id = Id();
        var reason = new Option<string?>("--reason") { Description = "Why, for whoever looks at it next." };
        var verb = new Command("pause", "Stop writing to a gateway: nothing is repaired and nothing can be executed until it is resumed. Requests are served as before.") { id, reason };
        shell.Calls(verb, async (call, cancellationToken) =>
        {
            var answer = await call.Api.PostAsync($"{Of(call.Value(id))}/pause", ContentCommand.Body(("reason", call.Optional(reason))), cancellationToken);
            call.Writer.Message($"paused {call.Value(id)}; gatewayops gateway resume {call.Value(id)} ends it");
            call.Writer.Write(answer, Control);
            return ExitCodes.Ok;
        });
        return verb;
    }

    private static Command Resume(Shell shell)
    {
        var id = Id();
        var verb = new Command("resume", "End a pause and every fight over a field: from now on the gateway is repaired again.") { id };
        shell.Calls(verb, async (call, cancellationToken) =>
        {
            call.Writer.Write(await ResumeAsync(call, call.Value(id), cancellationToken), Control);
            return ExitCodes.Ok;
        });
        return verb;
    }

    /// <summary>Ends the pause of a gateway, and says so.</summary>
    public static async Task<JsonNode> ResumeAsync(Call call, string id, CancellationToken cancellationToken)
    {
        var answer = await call.Api.PostAsync($"{Of(id)}/resume", new JsonObject(), cancellationToken);
        call.Writer.Message($"resumed {id}");
        return answer;
    }

    private static Command ControlOf(Shell shell)
    {
        var id = Id();
        var mode = new Option<string?>("--mode") { Description = "enforce: differences are put right. observe: they are only shown." }.AcceptOnlyFromAmong("enforce", "observe");
        var ignore = new Option<string[]>("--ignore") { Description = "Leave differences of this subject alone: a field (cache_ttl) or an object (route/chat). May be repeated.", HelpName = "subject" };
        var heed = new Option<string[]>("--heed") { Description = "Ignore this subject no longer. May be repeated.", HelpName = "subject" };
        var verb = new Command("control", "How a gateway is kept: its mode and what is ignored. Without options it is only shown.") { id, mode, ignore, heed };
        shell.Calls(verb, async (call, cancellationToken) =>
        {
            var path = $"{Of(call.Value(id))}/control";
            var (text, tag) = await call.Api.ReadAsync(path, cancellationToken);
            var control = JsonNode.Parse(text)!;
            var ignored = Cell.Items(control["ignore"]).Select(Cell.Text).ToList();
            var (more, fewer) = (call.Optional(ignore) ?? [], call.Optional(heed) ?? []);
            if (fewer.Except(ignored).FirstOrDefault() is { } stranger)
            {
                throw new CliException($"{stranger} is not ignored.", $"gatewayops gateway control {call.Value(id)} shows what is");
            }

            if (call.Optional(mode) is not null || more.Length + fewer.Length > 0)
            {
                var wanted = ignored.Except(fewer).Union(more).Order(StringComparer.Ordinal).Select(subject => (JsonNode)subject);
                var body = new JsonObject { ["mode"] = call.Optional(mode) ?? Cell.Text(control["mode"]), ["ignore"] = new JsonArray([.. wanted]) };
                control = await call.Api.PutAsync(path, body, tag, cancellationToken);
            }

            call.Writer.Write(control, Control);
            return ExitCodes.Ok;
        });
        return verb;
    }

    private static void PrintDrift(OutputWriter writer, JsonNode drift)
    {
        var changes = Cell.Items(drift["changes"]).ToList();
        if (writer.Format != OutputFormat.Table || changes.Count == 0)
        {
            writer.Write(drift, Drift);
            return;
        }

        writer.Line($"gateway {Cell.Text(drift["gateway"])}, looked at {Cell.Time(drift["observedAt"])}:");
        PlanPrinter.PrintChanges(writer, changes);
    }

    private static Argument<string> Id() => new("id") { Description = "Gateway id." };

    /// <summary>Path of a gateway.</summary>
    public static string Of(string id) => $"/api/v1/gateways/{ControlPlaneApi.Segment(id)}";
}
