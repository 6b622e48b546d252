using System.CommandLine;
using System.Text.Json.Nodes;
using GatewayOps.Cli.ControlPlane;
using GatewayOps.Cli.Output;

namespace GatewayOps.Cli.Commands;

/// <summary>`install` and `uninstall`: the data folder of this machine. What is in it stays.</summary>
public static class InstallCommand
{
    private static readonly Table Folder = new(
        "",
        "folder",
        "",
        Column.Of("folder", "folder"),
        new("credentials", row => Told(row["credentials"])));

    public static Command Build(Shell shell)
    {
        var verb = new Command("install", "Make the data folder, and say where the Cloudflare credentials come from. Repeating it changes nothing.");
        shell.Runs(verb, (parse, _) =>
        {
            var folder = Path.GetFullPath(parse.GetRequiredValue(shell.Data));
            var writer = shell.Writer(parse);
            var credentials = Credentials.Find(shell.Surroundings);
            writer.Message(Make(folder) ? $"made {folder}" : $"already installed: {folder}");
            writer.Write(new JsonObject { ["folder"] = folder, ["credentials"] = credentials.ToJson() }, Folder);
            writer.Message(credentials.AreComplete
                ? "next:  gatewayops doctor"
                : $"next:  {credentials.Fix}, then gatewayops doctor; or gatewayops dev, which needs no account");
            return Task.FromResult(ExitCodes.Ok);
        });
        return verb;
    }

    public static Command BuildUninstall(Shell shell)
    {
        var verb = new Command("uninstall", "Remove the operator token and the address that `dev` left in the data folder. The data and the logs are kept.");
        shell.Runs(verb, async (parse, cancellationToken) =>
        {
            var folder = Path.GetFullPath(parse.GetRequiredValue(shell.Data));
            var writer = shell.Writer(parse);
            if (!Directory.Exists(folder))
            {
                writer.Message($"not installed: there is no {folder}");
                return ExitCodes.Ok;
            }

            await DemandIdleAsync(folder, cancellationToken);
            Remove(folder);
            writer.Message($"uninstalled; the data is kept in {folder}\nnext:  rm -r {folder} removes it, too");
            return ExitCodes.Ok;
        });
        return verb;
    }

    private static bool Make(string folder)
    {
        if (Directory.Exists(folder))
        {
            return false;
        }

        try
        {
            // Other users may pass through: PostgreSQL runs as one of its own where this runs as root.
            Directory.CreateDirectory(folder);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"The data folder {folder} cannot be made: {e.Message}", "give a folder that you may write to with --data");
        }
    }

    private static async Task DemandIdleAsync(string folder, CancellationToken cancellationToken)
    {
        if (DevAddress.Read(folder) is not { } dev)
        {
            return;
        }

        using var api = new ControlPlaneApi(new ServiceAddress(dev.Url, dev.OperatorToken));
        try
        {
            await api.GetAsync("/version", cancellationToken);
        }
        catch (ServiceUnreachableException)
        {
            return; // it was killed, and left its address behind
        }

        throw new CliException($"`dev` is running in {folder}, at {dev.Url}.", "stop it with Ctrl-C, then gatewayops uninstall");
    }

    private static void Remove(string folder)
    {
        try
        {
            File.Delete(DevAddress.PathIn(folder));
            File.Delete(Path.Combine(folder, "operator-token"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"The data folder {folder} cannot be changed: {e.Message}", "run this as the user who owns it");
        }
    }

    private static string Told(JsonNode? credentials) => new Credentials(Source(credentials, "accountId"), Source(credentials, "apiToken")).Told;

    private static string? Source(JsonNode? credentials, string member) => credentials?[member] is { } source ? Cell.Text(source) : null;
}
