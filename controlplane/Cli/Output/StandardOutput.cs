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
    public static bool TakesColour() =>
        !Console.IsOutputRedirected
        && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
        && Environment.GetEnvironmentVariable("TERM") is not "dumb";

    /// <summary>Whether a write failed because nobody reads any more.</summary>
    public static bool IsGone(IOException failure) => failure.HResult == Epipe;
}
