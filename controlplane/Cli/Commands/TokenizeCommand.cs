using System.CommandLine;
using System.Text.Json.Nodes;
using GatewayOps.Cli.Output;

namespace GatewayOps.Cli.Commands;

/// <summary>`tokenize`: how many tokens a text has for a model. Source: checklist S2-05.</summary>
public static class TokenizeCommand
{
    private const string Path = "/v1/tokenize";

    private static readonly Table Counted = new("", "tokens", "", Column.Of("tokens", "tokens"), Column.Of("model", "model"), Column.Of("counted by", "method"));

    public static Command Build(Shell shell)
    {
        var text = new Argument<string[]>("text") { Description = "The text; - reads it from stdin, whole.", Arity = ArgumentArity.OneOrMore };
        var model = new Option<string?>("--model") { Description = "Model whose tokens are counted; default: none, which is an estimate." };
        var verb = new Command("tokenize", "Count the tokens of a text as a model does. No provider is asked.") { text, model };
        shell.Asks(
            verb,
            async (call, cancellationToken) =>
            {
                var body = new JsonObject { ["input"] = call.Value(text) is [Input.Stdin] ? await Input.WholeAsync(shell.Terminal, "The text", "give it through a pipe, or as an argument", cancellationToken) : string.Join(' ', call.Value(text)) };
                if (call.Optional(model) is { } named)
                {
                    body["model"] = named;
                }

                call.Writer.Write(await call.Api.PostAsync(Path, body, cancellationToken), Counted);
                return ExitCodes.Ok;
            });
        return verb;
    }
}
