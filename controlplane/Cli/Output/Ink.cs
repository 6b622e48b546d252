namespace GatewayOps.Cli.Output;

/// <summary>The few colours of the terminal that output uses, by what they say.</summary>
public enum Ink
{
    Plain,
    Good,
    Changed,
    Bad,
    Noted,
}

internal static class Inks
{
    // SGR codes: the eight colours that every terminal has, in the terminal's own shades.
    public static string Paint(this Ink ink, string text) => ink switch
    {
        Ink.Good => $"\e[32m{text}\e[0m",
        Ink.Changed => $"\e[33m{text}\e[0m",
        Ink.Bad => $"\e[31m{text}\e[0m",
        Ink.Noted => $"\e[36m{text}\e[0m",
        _ => text,
    };
}
