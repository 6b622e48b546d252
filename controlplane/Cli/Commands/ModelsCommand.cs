using System.CommandLine;
using GatewayOps.Cli.Output;

namespace GatewayOps.Cli.Commands;

/// <summary>`models`: what callers of the proxy may ask for, with the use, the room and the price of each. Source: checklist S0-13, S2-06.</summary>
public static class ModelsCommand
{
    public const string Path = "/v1/model-options";

    private static readonly Table Models = new(
        "data",
        "id",
        "No model: no provider has a key.",
        Column.Of("model", "id"),
        Column.Of("provider", "provider"),
        Column.Of("available", "available"),
        Column.Of("context", "context_window"),
        new Column("$ in / out", row => $"{Cell.Text(row["prices"]?["input"])} / {Cell.Text(row["prices"]?["output"])}"),
        Column.Of("for", "description"));

    public static Command Build(Shell shell)
    {
        var verb = new Command("models", "The models that callers of the proxy may ask for: provider, context window, US dollars per million tokens, and what each is for.");
        shell.Asks(
            verb,
            async (call, cancellationToken) =>
            {
                call.Writer.Write(await call.Api.GetAsync(Path, cancellationToken), Models);
                return ExitCodes.Ok;
            });
        return verb;
    }
}
