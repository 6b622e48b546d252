using System.Globalization;

namespace GatewayOps.Cli;

/// <summary>What a verb is given besides options: files, stdin, secrets. A terminal is never read: there are no prompts.</summary>
internal static class Input
{
    /// <summary>Names stdin in the place of a path or a text.</summary>
    public const string Stdin = "-";

    // Documents are at most 4 MiB, which the service says best; what is far longer is another file, and not sent.
    private const int MostBytes = 16 * 1024 * 1024;

    /// <summary>Writes a file that is not there yet.</summary>
    /// <param name="path">Where to.</param>
    /// <param name="text">What is written.</param>
    /// <param name="next">What to do where that cannot be.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    public static async Task WriteNewAsync(string path, string text, string next, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
            await stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(text), cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"{path} cannot be written: {e.Message}", next);
        }
    }

    /// <summary>The same for what --output-file names.</summary>
    public static Task WriteNewAsync(string path, string text, CancellationToken cancellationToken) => WriteNewAsync(path, text, "give the path of a file that is not there yet with --output-file", cancellationToken);

    /// <summary>The bytes of a file, or of stdin for `-`.</summary>
    /// <param name="path">A path, or `-`.</param>
    /// <param name="what">What the file holds, for the error.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async Task<byte[]> BytesAsync(string path, string what, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = path == Stdin ? OpenStdin($"{what} is read from stdin, which is a terminal.", "give it through a pipe, or a path with --file") : File.OpenRead(path);
            using var buffer = new MemoryStream();
            var block = new byte[64 * 1024];
            int read;
            while ((read = await stream.ReadAsync(block, cancellationToken)) > 0)
            {
                buffer.Write(block, 0, read);
                if (buffer.Length > MostBytes)
                {
                    throw new CliException($"{path} is larger than {MostBytes / 1024 / 1024} MiB: that is no {what}.", "give the path of another file with --file");
                }
            }

            return buffer.ToArray();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new CliException($"{path} cannot be read: {e.Message}", $"give the path of a {what} with --file");
        }
    }

    /// <summary>A secret from an environment variable, a file, or stdin; never from argv, which every user of the machine can read.</summary>
    public static async Task<string> SecretAsync(IReadOnlyDictionary<string, string> variables, string? variable, string? file, CancellationToken cancellationToken)
    {
        if (variable is not null && file is not null)
        {
            throw new CliException("--from-env and --from-file are both given.", "leave one of them out");
        }

        if (variable is null && file is null or Stdin && !Console.IsInputRedirected)
        {
            throw new CliException("The secret is read from stdin, which is a terminal.", "the same with < FILE, or with --from-env VARIABLE, or --from-file PATH");
        }

        var (source, value) = (variable, file) switch
        {
            ({ } name, _) => (name, variables.GetValueOrDefault(name)),
            (_, { } path) when path != Stdin => (path, await TextAsync(path, cancellationToken)),
            _ => ("stdin", await Console.In.ReadToEndAsync(cancellationToken)),
        };
        return value?.Trim() is { Length: > 0 } secret ? secret : throw new CliException($"{source} holds no secret.", "give a non-empty value");
    }

    /// <summary>Seconds of a span like 45s, 90m, 24h or 7d. Throws when it is none.</summary>
    public static long Seconds(string span, string option)
    {
        var factor = span.Length > 1 ? span[^1] switch { 's' => 1, 'm' => 60, 'h' => 3600, 'd' => 86_400, _ => 0 } : 0;
        return factor > 0 && int.TryParse(span[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            ? (long)count * factor
            : throw new CliException($"{option}: '{span}' is not a span.", $"give it like {option} 90m, {option} 24h or {option} 7d");
    }

    /// <summary>The text of stdin, whole, of a verb that may be given one.</summary>
    /// <param name="terminal">Whose stdin.</param>
    /// <param name="what">What stdin is to hold, at the beginning of a sentence.</param>
    /// <param name="next">What to do where stdin is a terminal.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async Task<string> WholeAsync(Terminal terminal, string what, string next, CancellationToken cancellationToken) => terminal.IsTyped
        ? throw new CliException($"{what} is read from stdin, which is a terminal.", next)
        : await terminal.Input.ReadToEndAsync(cancellationToken);

    internal static Stream OpenStdin(string what, string next) => Console.IsInputRedirected ? Console.OpenStandardInput() : throw new CliException(what, next);

    private static async Task<string> TextAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return await File.ReadAllTextAsync(path, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"{path} cannot be read: {e.Message}", "give the path of a file that holds the secret with --from-file");
        }
    }
}
