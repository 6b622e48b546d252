namespace GatewayOps.ControlPlane.Hosting;

/// <summary>A `.env` file: `NAME=value` lines, `export ` allowed, `#` comments, values bare or in single or double quotes. No expansion.</summary>
public static class DotEnvFile
{
    /// <summary>Reads <paramref name="path"/>; no file, no variables. A line that is none of the above stops the start with its number.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Read(string path) =>
        File.Exists(path) ? Parse(File.ReadAllLines(path), path).ToList() : [];

    internal static IEnumerable<KeyValuePair<string, string>> Parse(IEnumerable<string> lines, string path)
    {
        var number = 0;
        foreach (var raw in lines)
        {
            number++;
            var line = raw.Trim();
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            line = line.StartsWith("export ", StringComparison.Ordinal) ? line["export ".Length..].TrimStart() : line;
            var equals = line.IndexOf('=');
            var name = equals < 0 ? "" : line[..equals].TrimEnd();
            if (name.Length == 0 || name.Any(c => !char.IsAsciiLetterOrDigit(c) && c != '_'))
            {
                // The line itself is not shown: it may be a secret without its name.
                throw new StartException($"{path} line {number} is not NAME=value: correct it, or start the line with #");
            }

            yield return new(name, Unquote(line[(equals + 1)..].Trim()));
        }
    }

    private static string Unquote(string value)
    {
        if (value.Length >= 2 && value[0] is '"' or '\'' && value[^1] == value[0])
        {
            return value[1..^1];
        }

        var comment = value.IndexOf(" #", StringComparison.Ordinal);
        return comment < 0 ? value : value[..comment].TrimEnd();
    }
}
