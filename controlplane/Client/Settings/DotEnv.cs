namespace GatewayOps.Client.Settings;

/// <summary>A `.env` file: `NAME=value` lines, `export ` allowed, `#` comments, values bare or in quotes. No expansion.</summary>
internal static class DotEnv
{
    public static Dictionary<string, string> Read(string path)
    {
        var values = new Dictionary<string, string>();
        var lines = SourceFile.Lines(path, nameof(GatewaySources.EnvFile));
        for (var index = 0; index < lines.Length; index++)
        {
            var line = lines[index].Trim();
            if (line.Length == 0 || line[0] == '#') continue;
            if (line.StartsWith("export ", StringComparison.Ordinal)) line = line["export ".Length..].TrimStart();
            var equals = line.IndexOf('=');
            var name = equals < 0 ? "" : line[..equals].TrimEnd();
            // The line itself is not shown: it may be a secret without its name.
            if (name.Length == 0 || name.Any(c => !char.IsAsciiLetterOrDigit(c) && c != '_'))
                throw new GatewayConfigurationException($"Configuration error: {path} line {index + 1} is not NAME=value: correct it, or start the line with #", nameof(GatewaySources.EnvFile), null);
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

internal static class SourceFile
{
    public static string[] Lines(string path, string field) => Text(path, field).Split('\n');

    public static string Text(string path, string field)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GatewayConfigurationException($"Configuration error: {path} cannot be read ({e.GetType().Name}): make it, or make it readable", field, null, e);
        }
    }
}
