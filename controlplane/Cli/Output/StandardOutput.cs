using System.Text;
using Microsoft.Win32.SafeHandles;

namespace GatewayOps.Cli.Output;

/// <summary>The process's own output. .NET's console passes over a reader that has gone, so that `gatewayops logs --follow | head` would never end; here a write to it fails.</summary>
internal static class StandardOutput
{
    private const int Epipe = 32;

    /// <summary>A writer that flushes each line. A file goes through the console, which writes at the file's own place, as `(a; b) > file` needs it.</summary>
    public static TextWriter Open()
    {
        if (OperatingSystem.IsWindows() || !Console.IsOutputRedirected)
        {
            return Console.Out;
        }

        try
        {
            var stream = new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);
            return stream.CanSeek ? Console.Out : new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = true };
        }
        catch (Exception e) when (e is IOException or ArgumentException or UnauthorizedAccessException)
        {
            return Console.Out; // closed, or nothing that a stream can be made of
        }
    }

    /// <summary>Colours are for terminals, and only where nobody asks for none. Source: no-color.org.</summary>
    public static bool TakesColour() => TakesColour(Console.IsOutputRedirected);

    /// <summary>The same of stdout or stderr, by whether it leads elsewhere than to a terminal.</summary>
    public static bool TakesColour(bool isRedirected) =>
        !isRedirected
        && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
        && Environment.GetEnvironmentVariable("TERM") is not "dumb";

    /// <summary>Whether messages go to a terminal that can be drawn on.</summary>
    public static bool IsTerminal(TextWriter messages) =>
        ReferenceEquals(messages, Console.Error) && !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") is not "dumb";

    /// <summary>Columns of the terminal, 80 where it does not say.</summary>
    public static int Width()
    {
        try
        {
            return Math.Clamp(Console.WindowWidth - 1, 20, 200);
        }
        catch (IOException)
        {
            return 79;
        }
    }

    /// <summary>Whether a write failed because nobody reads any more.</summary>
    public static bool IsGone(IOException failure) => failure.HResult == Epipe;
}
