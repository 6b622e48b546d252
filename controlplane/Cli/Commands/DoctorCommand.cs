using System.CommandLine;
using System.Text.Json.Nodes;
using GatewayOps.Cli.ControlPlane;
using GatewayOps.Cli.Output;
using GatewayOps.ControlPlane.Hosting;

namespace GatewayOps.Cli.Commands;

/// <summary>
/// `doctor`: what the product needs, one line each, in the order in which one thing needs the other. A running service checks with its own credentials
/// and from its own network; without one this process does.
/// </summary>
public static class DoctorCommand
{
    private static readonly Table Checks = new("checks", "name", "", Column.Of("check", "name"), Column.Of("ok", "ok"), Column.Of("detail", "detail"), Column.Of("fix", "fix"));

    public static Command Build(Shell shell)
    {
        var verb = new Command("doctor", "Check credentials, network, Cloudflare's status, the token and each permission, the account, the gateway and the service: one line each. Works without a service.");
        shell.Runs(
            verb,
            async (parse, cancellationToken) =>
            {
                var checks = await CheckAsync(shell.Address(parse), shell.Surroundings, cancellationToken);
                var writer = shell.Writer(parse);
                Print(writer, checks);
                return Exit(checks);
            },
            new Exits(ExitCodes.Failed, "0 all well, 1 a check failed, 3 not configured"));
        return verb;
    }

    private static async Task<List<JsonNode>> CheckAsync(ServiceAddress address, Surroundings surroundings, CancellationToken cancellationToken)
    {
        using var api = new ControlPlaneApi(address);
        try
        {
            var version = await api.GetAsync("/version", cancellationToken);
            var checks = Cell.Items((await api.GetAsync("/api/v1/doctor", cancellationToken))["checks"]).Select(check => check.DeepClone()).ToList();
            return [.. checks, Check("service", ok: true, $"{Cell.Text(version["version"])} answers at {address.Url}")];
        }
        catch (ServiceUnreachableException e)
        {
            var here = Here(Credentials.Find(surroundings));
            return [.. here, address.IsNamed
                ? Check("service", ok: false, e.Message, e.Next)
                : Check("service", ok: null, $"none runs at {address.Url}", "gatewayops serve, gatewayops dev, or set GATEWAYOPS_URL to where one runs")];
        }
    }

    private static IEnumerable<JsonNode> Here(Credentials credentials)
    {
        yield return Check("credentials", credentials.AreComplete, credentials.Told, credentials.AreComplete ? null : Fix(credentials));
    }

    private static string Fix(Credentials credentials) => $"export {string.Join(" and ", credentials.Missing)}; tokens with AI Gateway: Edit are made at {Links.Tokens}";

    private static JsonObject Check(string name, bool? ok, string detail, string? fix = null)
    {
        var check = new JsonObject { ["name"] = name, ["ok"] = ok, ["detail"] = detail };
        if (fix is not null)
        {
            check["fix"] = fix;
        }

        return check;
    }

    private static void Print(OutputWriter writer, List<JsonNode> checks)
    {
        if (writer.Format != OutputFormat.Table)
        {
            writer.Write(new JsonObject { ["checks"] = new JsonArray([.. checks]) }, Checks);
            return;
        }

        var width = checks.Max(check => Cell.Text(check["name"]).Length);
        foreach (var check in checks)
        {
            var (mark, ink) = check["ok"] is null ? ("skip", Ink.Noted) : Cell.Flag(check["ok"]) ? ("ok  ", Ink.Good) : ("FAIL", Ink.Bad);
            var fix = check["fix"] is { } command && !Cell.Flag(check["ok"]) ? $"; {Cell.Text(command)}" : "";
            writer.Line($"{mark}  {Cell.Text(check["name"]).PadRight(width)}  {Cell.Text(check["detail"])}{fix}", ink);
        }
    }

    private static int Exit(List<JsonNode> checks) => checks switch
    {
        _ when checks.Exists(check => Cell.Text(check["detail"]) == Credentials.NotConfigured) => ExitCodes.NotConfigured,
        _ when checks.Exists(check => check["ok"] is not null && !Cell.Flag(check["ok"])) => ExitCodes.Failed,
        _ => ExitCodes.Ok,
    };
}
