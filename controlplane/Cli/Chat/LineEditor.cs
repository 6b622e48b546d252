using System.Text;

namespace GatewayOps.Cli.Chat;

/// <summary>What a key did to the line that is being typed.</summary>
public enum Typed
{
    More,
    Done,

    /// <summary>Ctrl-C: the line is thrown away.</summary>
    Abandoned,

    /// <summary>Ctrl-D on an empty line: there are no more.</summary>
    End,
}

/// <summary>One line that is being typed: its text, where the cursor is, and the lines before it. Keys are those of every shell (Emacs mode).</summary>
public sealed class LineEditor
{
    private readonly IReadOnlyList<string> _before;
    private readonly StringBuilder _text = new();
    private readonly Dictionary<(ConsoleKey, ConsoleModifiers), Action> _keys;
    private string _draft = "";
    private int _shown;

    /// <param name="before">Lines that were typed before, oldest first.</param>
    public LineEditor(IReadOnlyList<string> before)
    {
        (_before, _shown) = (before, before.Count);
        _keys = new()
        {
            [(ConsoleKey.LeftArrow, ConsoleModifiers.None)] = () => Cursor = Left(),
            [(ConsoleKey.B, ConsoleModifiers.Control)] = () => Cursor = Left(),
            [(ConsoleKey.RightArrow, ConsoleModifiers.None)] = () => Cursor = Right(),
            [(ConsoleKey.F, ConsoleModifiers.Control)] = () => Cursor = Right(),
            [(ConsoleKey.Home, ConsoleModifiers.None)] = () => Cursor = 0,
            [(ConsoleKey.A, ConsoleModifiers.Control)] = () => Cursor = 0,
            [(ConsoleKey.End, ConsoleModifiers.None)] = () => Cursor = _text.Length,
            [(ConsoleKey.E, ConsoleModifiers.Control)] = () => Cursor = _text.Length,
            [(ConsoleKey.LeftArrow, ConsoleModifiers.Control)] = () => Cursor = WordBefore(),
            [(ConsoleKey.Backspace, ConsoleModifiers.None)] = () => Remove(Left(), Cursor),
            [(ConsoleKey.H, ConsoleModifiers.Control)] = () => Remove(Left(), Cursor),
            [(ConsoleKey.Delete, ConsoleModifiers.None)] = () => Remove(Cursor, Right()),
            [(ConsoleKey.D, ConsoleModifiers.Control)] = () => Remove(Cursor, Right()),
            [(ConsoleKey.K, ConsoleModifiers.Control)] = () => Remove(Cursor, _text.Length),
            [(ConsoleKey.U, ConsoleModifiers.Control)] = () => Remove(0, Cursor),
            [(ConsoleKey.W, ConsoleModifiers.Control)] = () => Remove(WordBefore(), Cursor),
            [(ConsoleKey.UpArrow, ConsoleModifiers.None)] = () => Show(_shown - 1),
            [(ConsoleKey.P, ConsoleModifiers.Control)] = () => Show(_shown - 1),
            [(ConsoleKey.DownArrow, ConsoleModifiers.None)] = () => Show(_shown + 1),
            [(ConsoleKey.N, ConsoleModifiers.Control)] = () => Show(_shown + 1),
        };
    }

    public string Text => _text.ToString();

    /// <summary>0 to the length of the text, never within a character of two halves.</summary>
    public int Cursor { get; private set; }

    public Typed Press(ConsoleKeyInfo key)
    {
        switch (key)
        {
            case { Key: ConsoleKey.Enter }:
                return Typed.Done;
            case { Key: ConsoleKey.C, Modifiers: ConsoleModifiers.Control }:
                return Typed.Abandoned;
            case { Key: ConsoleKey.D, Modifiers: ConsoleModifiers.Control } when _text.Length == 0:
                return Typed.End;
            default:
                if (_keys.TryGetValue((key.Key, key.Modifiers), out var act))
                {
                    act();
                }
                else if (!char.IsControl(key.KeyChar))
                {
                    _text.Insert(Cursor++, key.KeyChar);
                }

                return Typed.More;
        }
    }

    private int Left() => Cursor == 0 ? 0 : Cursor > 1 && char.IsLowSurrogate(_text[Cursor - 1]) ? Cursor - 2 : Cursor - 1;

    private int Right() => Cursor == _text.Length ? Cursor : Cursor + 1 < _text.Length && char.IsHighSurrogate(_text[Cursor]) ? Cursor + 2 : Cursor + 1;

    private int WordBefore()
    {
        var at = Cursor;
        while (at > 0 && char.IsWhiteSpace(_text[at - 1]))
        {
            at--;
        }

        while (at > 0 && !char.IsWhiteSpace(_text[at - 1]))
        {
            at--;
        }

        return at;
    }

    private void Remove(int from, int to)
    {
        _text.Remove(from, to - from);
        Cursor = from;
    }

    // The line that was begun is kept below those that were typed before.
    private void Show(int index)
    {
        if (index < 0 || index > _before.Count)
        {
            return;
        }

        _draft = _shown == _before.Count ? Text : _draft;
        _shown = index;
        _text.Clear().Append(index == _before.Count ? _draft : _before[index]);
        Cursor = _text.Length;
    }
}
