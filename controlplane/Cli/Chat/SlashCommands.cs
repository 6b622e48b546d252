using System.Globalization;
using GatewayOps.Cli.Output;

namespace GatewayOps.Cli.Chat;

/// <summary>One command within a conversation. <paramref name="Run"/> gives what is to be asked of the model; null for nothing.</summary>
internal sealed record SlashCommand(string Name, string Argument, string What, Func<ChatSession, string, CancellationToken, Task<string?>> Run);

/// <summary>What can be typed in a conversation besides what is said to the model.</summary>
internal static class SlashCommands
{
    /// <summary>Words that end a conversation, alone on a line. Source: checklist S0-22.</summary>
    private static readonly string[] Farewells = ["exit", "quit", "q", "salir", "/exit", "/quit"];

    public static IReadOnlyList<SlashCommand> All { get; } =
    [
        new("/help", "", "what can be typed here", (session, _, _) => Told(session, [.. All!.Select(command => $"{$"{command.Name} {command.Argument}",-20} {command.What}"), $"{"exit, quit, q, salir",-20} ends the conversation, as Ctrl-D does; Ctrl-C ends an answer", $"{"//...",-20} says a line that begins with /; \\ at the end of a line goes on with the next"])),
        new("/model", "[NAME]", "the model, or another from now on", (session, name, _) => Set(session, name, value => session.Model = value, () => session.Model)),
        new("/models", "", "the models that the proxy knows", async (session, _, cancellationToken) => await Told(session, [.. await session.ModelsAsync(cancellationToken)])),
        new("/system", "[TEXT|-]", "what the model is told before all else; - is nothing", (session, text, _) => Set(session, text, value => session.Conversation.System = value == "-" ? null : value, () => session.Conversation.System ?? "nothing")),
        new("/temperature", "[0..2|-]", "the temperature; - leaves it to the model", (session, text, _) => Set(session, text, value => session.Temperature = Temperature(value), () => session.Temperature?.ToString(CultureInfo.InvariantCulture) ?? "left to the model")),
        new("/history", "", "what was said", (session, _, _) => Told(session, [.. session.Conversation.Messages.Select(message => $"{message.Role}: {message.Text}")])),
        new("/retry", "", "asks the last question again", (session, _, _) => Task.FromResult<string?>(session.Conversation.TakeBack() ?? session.Failed ?? throw new CliException("Nothing was asked yet.", "type a question"))),
        new("/clear", "", "forgets what was said; what it cost stays", (session, _, _) =>
        {
            session.Conversation.Clear();
            return Told(session, ["forgotten"]);
        }),
        new("/usage", "", "tokens and cost so far", (session, _, _) => Told(session, [session.InAll()])),
        new("/save", "FILE", "writes the conversation into a new file, as the body of a request", async (session, file, cancellationToken) =>
        {
            var path = file.Length > 0 ? file : throw new CliException("/save needs a file.", "/save talk.json");
            await Input.WriteNewAsync(path, session.Conversation.ToJson(session.Model).ToJsonString(OutputWriter.Indented) + "\n", "give the path of a file that is not there yet: /save FILE", cancellationToken);
            return await Told(session, [$"wrote {path}"]);
        }),
    ];

    public static bool IsFarewell(string line) => Farewells.Contains(line, StringComparer.OrdinalIgnoreCase);

    /// <summary>What a line asks of the model; null for nothing. Throws <see cref="CliException"/> for a command that there is not.</summary>
    public static async Task<string?> AskedAsync(ChatSession session, string line, CancellationToken cancellationToken)
    {
        if (!line.StartsWith('/'))
        {
            return line;
        }

        if (line.StartsWith("//", StringComparison.Ordinal))
        {
            return line[1..];
        }

        var words = line.Split(' ', 2, StringSplitOptions.TrimEntries);
        var command = All.FirstOrDefault(command => command.Name == words[0]) ?? throw new CliException($"There is no {PlainText.Line(words[0])}.", "/help lists what there is; // says a line that begins with /");
        return await command.Run(session, words.ElementAtOrDefault(1) ?? "", cancellationToken);
    }

    private static Task<string?> Set(ChatSession session, string value, Action<string> set, Func<string> shown)
    {
        if (value.Length > 0)
        {
            set(value);
        }

        return Told(session, [shown()]);
    }

    private static Task<string?> Told(ChatSession session, IEnumerable<string> lines)
    {
        foreach (var line in lines)
        {
            session.Tell(line);
        }

        return Task.FromResult<string?>(null);
    }

    private static float? Temperature(string text) => text == "-" ? null
        : float.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value <= 2 ? value
        : throw new CliException($"'{PlainText.Line(text)}' is no temperature.", "/temperature 0.7, from 0 to 2");
}
