namespace GatewayOps.ControlPlane.Hosting;

/// <summary>
/// The text of a `.env` file: `NAME=value` lines, `export ` allowed, `#` comments, values bare or in single or double quotes. No expansion; of a name that stands twice the last line counts.
/// GatewayOps.Client compiles this file too: a program and its proxy read one `.env`, and must read it alike.
/// </summary>
internal static class DotEnvText
{
    /// <param name="text">The whole file.</param>
    /// <param name="path">Its name, for what is said of a fault.</param>
    /// <param name="refused">Makes the exception of a line that is none of the above. The line itself is not shown: it may be a secret without its name.</param>
    public static Dictionary<string, string> Read(string text, string path, Func<string, Exception> refused)
    {
        var values = new Dictionary<string, string>();
        var lines = text.Split('\n');
        for (var index = 0; index < lines.Length; index++)
        {
            var line = lines[index].Trim();
            if (line.Length == 0 || line[0] == '#') continue;
            if (line.StartsWith("export ", StringComparison.Ordinal)) line = line["export ".Length..].TrimStart();
            var equals = line.IndexOf('=');
            var name = equals < 0 ? "" : line[..equals].TrimEnd();
            if (name.Length == 0 || name.Any(c => !char.IsAsciiLetterOrDigit(c) && c != '_')) throw refused($"{path} line {index + 1} is not NAME=value: correct it, or start the line with #");
            values[name] = Unquoted(line[(equals + 1)..].Trim());
        }
        return values;
    }

    private static string Unquoted(string value)
    {
        if (value.Length >= 2 && value[0] is '"' or '\'' && value[^1] == value[0]) return value[1..^1];
        var comment = value.IndexOf(" #", StringComparison.Ordinal);
        return comment < 0 ? value : value[..comment].TrimEnd();
    }
}
