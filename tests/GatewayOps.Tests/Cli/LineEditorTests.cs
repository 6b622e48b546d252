using GatewayOps.Cli.Chat;

namespace GatewayOps.Tests.Cli;

/// <summary>The line that is typed in `chat`. Keys: printable ones as they are, others in brackets, Ctrl with ^.</summary>
public sealed class LineEditorTests
{
    [Theory]
    [InlineData("hello", "hello|")]
    [InlineData("helo[Left]l", "hell|o")]
    [InlineData("hello[Home]oh [End]!", "oh hello!|")]
    [InlineData("hello[^A][^F][^D]", "h|llo")]
    [InlineData("hello[Back][Back]", "hel|")]
    [InlineData("[Back]x", "x|")]
    [InlineData("one two three[^W]", "one two |")]
    [InlineData("one two  [^W]", "one |")]
    [InlineData("one two[^Left]big ", "one big |two")]
    [InlineData("one two[Home][^K]", "|")]
    [InlineData("one two[^U]", "|")]
    [InlineData("a🙂b[Left][Back]", "a|b")]
    [InlineData("a🙂[Home][Right][Del]", "a|")]
    [InlineData("[Up]", "second|")]
    [InlineData("[Up][Up][Up]!", "first!|")]
    [InlineData("draft[Up][Up][Down][Down]", "draft|")]
    [InlineData("[Down]x", "x|")]
    [InlineData("a[^D]b", "ab|")]
    public void Keys_DoWhatTheyDoInEveryShell(string keys, string expected)
    {
        var line = new LineEditor(["first", "second"]);
        Assert.All(Pressed(keys), key => Assert.Equal(Typed.More, line.Press(key)));
        Assert.Equal(expected, line.Text.Insert(line.Cursor, "|"));
    }

    [Theory]
    [InlineData("x[Enter]", Typed.Done)]
    [InlineData("x[^C]", Typed.Abandoned)]
    [InlineData("[^D]", Typed.End)]
    public void SomeKeys_EndTheLine(string keys, Typed typed)
    {
        var line = new LineEditor([]);
        Assert.Equal(typed, Pressed(keys).Select(line.Press).Last());
    }

    private static IEnumerable<ConsoleKeyInfo> Pressed(string keys)
    {
        for (var at = 0; at < keys.Length; at++)
        {
            if (keys[at] != '[')
            {
                yield return new(keys[at], ConsoleKey.None, false, false, false);
                continue;
            }

            var name = keys[(at + 1)..keys.IndexOf(']', at)];
            at += name.Length + 1;
            var control = name[0] == '^';
            yield return new('\0', (control ? name[1..] : name) switch
            {
                "Left" => ConsoleKey.LeftArrow,
                "Right" => ConsoleKey.RightArrow,
                "Up" => ConsoleKey.UpArrow,
                "Down" => ConsoleKey.DownArrow,
                "Back" => ConsoleKey.Backspace,
                "Del" => ConsoleKey.Delete,
                var other => Enum.Parse<ConsoleKey>(other),
            }, shift: false, alt: false, control);
        }
    }
}
