using System.CommandLine;
using System.Text.Json.Nodes;
using GatewayOps.Cli.Output;

namespace GatewayOps.Cli.Commands;

/// <summary>Gateways as the control plane sees them: list, show, create, drift, reconcile.</summary>
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
        new("drifted", row => GatewayPrinter.Condition(row, "Drifted")));

    private static readonly Table Drift = new(
        "changes",
        "key",
        "No drift.",
        new Column("change", PlanPrinter.Line));

    public static Command Build(Shell shell) => new("gateway", "Gateways: list, show, create, drift, reconcile.")
    {
        List(shell),
        Show(shell),
        Create(shell),
        DriftOf(shell),
        Reconcile(shell),
    };

    private static Command List(Shell shell)
    {
        var verb = new Command("list", "The gateways that the control plane looks after.");
        shell.Calls(verb, async (call, cancellationToken) =>
        {
            call.Writer.Write(await call.Api.GetAsync("/api/v1/gateways", cancellationToken), Gateways);
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
        var verb = new Command("drift", "Differences between Cloudflare and the active revisions, observed now. Exit 0 none, 1 drift, 2 error.") { id };
        shell.Calls(
            verb,
            async (call, cancellationToken) =>
            {
                var drift = await call.Api.GetAsync($"{Of(call.Value(id))}/drift", cancellationToken);
                call.Writer.Write(drift, Drift);
                return drift["drifted"]?.GetValue<bool>() == true ? ExitCodes.Differences : ExitCodes.Ok;
            },
            ExitCodes.ComparisonFailed);
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

    private static Argument<string> Id() => new("id") { Description = "Gateway id." };

    private static string Of(string id) => $"/api/v1/gateways/{Uri.EscapeDataString(id)}";
}
