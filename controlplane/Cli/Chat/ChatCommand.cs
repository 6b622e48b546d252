using System.CommandLine;
using GatewayOps.Cli.Models;

namespace GatewayOps.Cli.Chat;

/// <summary>`chat`: a conversation with a model, or one question. Source: checklist S0-12, S0-22.</summary>
public static class ChatCommand
{
    public static Command Build(Shell shell)
    {
        var message = new Argument<string[]>("message") { Description = "One question; - reads it from stdin, whole. Without it a conversation, line by line.", Arity = ArgumentArity.ZeroOrMore };
        var system = new Option<string?>("--system") { Description = "What the model is told before all else." };
        var temperature = new Option<float?>("--temperature") { Description = "0 to 2; default: the model's own." };
        var tokens = new Option<int?>("--max-tokens") { Description = "Tokens of an answer at most; default: the model's own." };
        var options = new ModelOptions();
        var verb = new Command("chat", "Talk with a model through the proxy, or with --direct straight through a gateway. Answers come as they are said, with what each cost; /help lists what can be typed in between.") { message, system, temperature, tokens };
        options.AddTo(verb);
        shell.HandlesInterrupts(verb);
        shell.Runs(
            verb,
            async (parse, cancellationToken) =>
            {
                if (parse.GetValue(temperature) is < 0 or > 2 or float.NaN)
                {
                    throw new CliException("--temperature is 0 to 2.", "give it like --temperature 0.7");
                }

                if (parse.GetValue(tokens) < 1)
                {
                    throw new CliException("--max-tokens is 1 or more.", "give it like --max-tokens 500");
                }

                var target = ModelTarget.Find(shell, parse, options);
                await using var session = new ChatSession(shell, shell.Writer(parse), target, cancellationToken) { Temperature = parse.GetValue(temperature), MaxTokens = parse.GetValue(tokens) };
                session.Conversation.System = parse.GetValue(system);
                return parse.GetValue(message) switch
                {
                    null or [] => await session.RunAsync(),
                    [Input.Stdin] => await session.AskOnceAsync(await QuestionAsync(shell.Terminal, cancellationToken)),
                    var words => await session.AskOnceAsync(string.Join(' ', words)),
                };
            },
            new Exits(ExitCodes.Failed, "0 answered, 1 failed or broken off"));
        return verb;
    }

    private static async Task<string> QuestionAsync(Terminal terminal, CancellationToken cancellationToken)
    {
        var text = (await Input.WholeAsync(terminal, "The question", "gatewayops chat, and type it there; or give it through a pipe", cancellationToken)).Trim();
        return text.Length > 0 ? text : throw new CliException("stdin holds no question.", "gatewayops chat \"How are you?\"");
    }
}
