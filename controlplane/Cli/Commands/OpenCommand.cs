using System.CommandLine;
using System.Text.Json.Nodes;
using GatewayOps.Cli.Output;

namespace GatewayOps.Cli.Commands;

/// <summary>`open`: where Cloudflare's side of it is. Prints, and starts no browser: it may run on a machine that has none.</summary>
public static class OpenCommand
{
    private static readonly Table Table = new("links", "url", "", Column.Of("what", "what"), Column.Of("url", "url"));

    public static Command Build(Shell shell)
    {
        var verb = new Command("open", "The three links: Cloudflare's documentation, its API tokens, its AI Gateway dashboard.");
        shell.Runs(verb, (parse, _) =>
        {
            var links = Links.All.Select(link => (JsonNode)new JsonObject { ["what"] = link.What, ["url"] = link.Url });
            shell.Writer(parse).Write(new JsonObject { ["links"] = new JsonArray([.. links]) }, Table);
            return Task.FromResult(ExitCodes.Ok);
        });
        return verb;
    }
}
