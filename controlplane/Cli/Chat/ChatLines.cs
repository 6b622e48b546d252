using Spectre.Console.Rendering;

namespace GatewayOps.Cli.Chat;

/// <summary>The lines of a conversation, from a keyboard or from a pipe.</summary>
internal sealed class ChatLines(Terminal terminal, TextWriter screen)
{
    public const string Prompt = "> ", Continued = ". ";

    private readonly List<string> _before = [];

    /// <summary>The next line; null at the end. One that ends with a backslash goes on with the next. Where nobody types, nothing is drawn.</summary>
    public async Task<string?> NextAsync(CancellationToken cancellationToken)
    {
        var said = "";
        for (var prompt = Prompt; ; prompt = Continued)
        {
            if (await LineAsync(prompt, cancellationToken) is not { } line)
            {
                return said.Length > 0 ? said : null;
            }

            if (!line.EndsWith('\\'))
            {
                return said + line;
            }

            said += line[..^1] + "\n";
        }
    }

    // A read of a pipe cannot be called off: what waits for it can.
    private Task<string?> LineAsync(string prompt, CancellationToken cancellationToken)
    {
        if (terminal.Key is { } key)
        {
            return Task.Run(() => Edited(prompt, key), CancellationToken.None).WaitAsync(cancellationToken);
        }

        if (terminal.IsTyped)
        {
            screen.Write(prompt);
            screen.Flush();
        }

        return Task.Run(terminal.Input.ReadLine, CancellationToken.None).WaitAsync(cancellationToken);
    }

    private string? Edited(string prompt, Func<ConsoleKeyInfo> key)
    {
        var line = new LineEditor(_before);
        while (true)
        {
            Draw(prompt, line);
            var typed = line.Press(key());
            if (typed == Typed.More)
            {
                continue;
            }

            screen.WriteLine(typed == Typed.Abandoned ? "^C" : "");
            if (typed == Typed.Done && line.Text.Length > 0 && _before.LastOrDefault() != line.Text)
            {
                _before.Add(line.Text);
            }

            return typed switch { Typed.Done => line.Text, Typed.Abandoned => "", _ => null };
        }
    }

    // One row of the screen, of which the part around the cursor is shown.
    private void Draw(string prompt, LineEditor line)
    {
        var room = Math.Max(Width() - prompt.Length - 1, 8);
        var from = 0;
        while (Cells(line.Text[from..line.Cursor]) > room)
        {
            from++;
        }

        var to = line.Text.Length;
        while (Cells(line.Text[from..to]) > room)
        {
            to--;
        }

        screen.Write($"\r{prompt}{Output.PlainText.Line(line.Text[from..to])}\e[K\r\e[{prompt.Length + Cells(line.Text[from..line.Cursor])}C");
        screen.Flush();
    }

    private static int Width() => Console.IsErrorRedirected ? 80 : Console.WindowWidth;

    private static int Cells(string text) => text.Length == 0 ? 0 : new Segment(text).CellCount();
}
