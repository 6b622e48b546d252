using System.CommandLine;
using System.Text.Json.Nodes;
using GatewayOps.Cli.ControlPlane;
using GatewayOps.Cli.Output;
using GatewayOps.ControlPlane.Hosting;
using GatewayOps.ControlPlane.Hosting.Diagnosis;

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
        var verb = new Command("doctor", "Check the service, the network, Cloudflare's status, the credentials, the token, each permission, the account, the gateway and whether models of Workers AI may be run: one line each. Works without a service.");
        shell.Runs(
            verb,
            async (parse, cancellationToken) =>
            {
                var (checks, credentials) = await CheckAsync(shell.Address(parse), shell.Surroundings, cancellationToken);
                var writer = shell.Writer(parse);
                Print(writer, checks);
                if (credentials is { AreMissing: true })
                {
                    writer.Message($"{Credentials.NotConfigured}: no Cloudflare credentials were found.\nnext:  {credentials.Fix}; or gatewayops dev, which needs no account");
                    return ExitCodes.NotConfigured;
                }

                return checks.Exists(check => check["ok"] is not null && !Cell.Flag(check["ok"])) ? ExitCodes.Failed : ExitCodes.Ok;
            },
            new Exits(ExitCodes.Failed, "0 all well, 1 a check failed, 3 not configured"));
        return verb;
    }

    // The credentials are those of this process; null where a service answered, which has its own.
    private static async Task<(List<JsonNode> Checks, Credentials? Here)> CheckAsync(ServiceAddress address, Surroundings surroundings, CancellationToken cancellationToken)
    {
        using var api = new ControlPlaneApi(address);
        try
        {
            return ([.. Cell.Items((await api.GetAsync("/api/v1/doctor", cancellationToken))["checks"]).Select(check => check.DeepClone())], null);
        }
        catch (ServiceUnreachableException e)
        {
            var status = address.IsNamed ? DoctorCheck.Failed("status", e.Message, e.Next) : DoctorCheck.NotChecked("status", $"no service runs at {address.Url}; this is what one would meet that is started here");
            var credentials = Credentials.Find(surroundings);
            try
            {
                var checks = await Doctor.CheckAsync(surroundings, cancellationToken);
                return ([.. checks.Prepend(status).Select(Json)], credentials);
            }
            catch (StartException unusable)
            {
                throw new CliException(unusable.Message, "put the setting right, then gatewayops doctor");
            }
        }
    }

    private static JsonNode Json(DoctorCheck check) => new JsonObject { ["name"] = check.Name, ["ok"] = check.Ok, ["detail"] = check.Detail, ["fix"] = check.Fix };

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
}
