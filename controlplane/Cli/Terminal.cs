namespace GatewayOps.Cli;

/// <summary>What a verb that talks with a person has in front of it.</summary>
/// <param name="Input">Lines to read.</param>
/// <param name="Key">The next key that somebody presses, Ctrl-C among them; null where nobody types: a pipe, a file, or a terminal that cannot be drawn on.</param>
/// <param name="IsTyped">Somebody types into it.</param>
/// <param name="IsSeen">Somebody looks at stdout.</param>
public sealed record Terminal(TextReader Input, Func<ConsoleKeyInfo>? Key, bool IsTyped, bool IsSeen)
{
    public static Terminal OfProcess()
    {
        var isTyped = !Console.IsInputRedirected;
        // Lines are drawn on stderr, which is what a person sees where stdout goes into a file.
        var isDrawn = isTyped && !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");
        return new(Console.In, isDrawn ? NextKey : null, isTyped, !Console.IsOutputRedirected);
    }

    // Only while a key is waited for is Ctrl-C one: at other times it is a signal.
    private static ConsoleKeyInfo NextKey()
    {
        Console.TreatControlCAsInput = true;
        try
        {
            return Console.ReadKey(intercept: true);
        }
        finally
        {
            Console.TreatControlCAsInput = false;
        }
    }
}
