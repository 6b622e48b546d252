using System.Globalization;

namespace GatewayOps.Tokenizer;

/// <summary>What the encodings' patterns tell apart; flags, so that a set of classes is one value.</summary>
[Flags]
internal enum CharacterClass : byte
{
    None = 0,

    /// <summary>Lu, Lt.</summary>
    Upper = 1,

    /// <summary>Ll.</summary>
    Lower = 2,

    /// <summary>Lm, Lo: mostly scripts without case.</summary>
    Caseless = 4,

    /// <summary>Mn, Mc, Me.</summary>
    Mark = 8,

    /// <summary>Nd, Nl, No.</summary>
    Number = 16,

    /// <summary>Whitespace without the line breaks.</summary>
    Space = 32,

    /// <summary>Carriage return and line feed.</summary>
    LineBreak = 64,

    /// <summary>Punctuation, symbols, control characters, halves of surrogate pairs, and what is not assigned.</summary>
    Other = 128,

    Letter = Upper | Lower | Caseless,
    White = Space | LineBreak,
    Symbol = Mark | Other,
}

/// <summary>The class of each character by the runtime's Unicode tables. A letter that is newer than they are is another character here.</summary>
internal static class CharacterClasses
{
    private static readonly CharacterClass[] OfUnits = [.. Enumerable.Range(0, char.MaxValue + 1).Select(code => Of((char)code))];

    /// <summary>The class of the character at a place; <paramref name="width"/> is 2 for a surrogate pair, otherwise 1.</summary>
    public static CharacterClass At(ReadOnlySpan<char> text, int at, out int width)
    {
        var unit = text[at];
        if (char.IsHighSurrogate(unit) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]))
        {
            width = 2;
            return Of(CharUnicodeInfo.GetUnicodeCategory(char.ConvertToUtf32(unit, text[at + 1])));
        }

        width = 1;
        return OfUnits[unit];
    }

    private static CharacterClass Of(char unit) =>
        unit is '\r' or '\n' ? CharacterClass.LineBreak
        : char.IsWhiteSpace(unit) ? CharacterClass.Space
        : Of(CharUnicodeInfo.GetUnicodeCategory(unit));

    private static CharacterClass Of(UnicodeCategory category) => category switch
    {
        UnicodeCategory.UppercaseLetter or UnicodeCategory.TitlecaseLetter => CharacterClass.Upper,
        UnicodeCategory.LowercaseLetter => CharacterClass.Lower,
        UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter => CharacterClass.Caseless,
        UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark => CharacterClass.Mark,
        UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => CharacterClass.Number,
        _ => CharacterClass.Other,
    };
}
