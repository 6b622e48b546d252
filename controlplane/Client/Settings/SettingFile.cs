namespace GatewayOps.Client.Settings;

/// <summary>A file that settings are read from.</summary>
internal static class SettingFile
{
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
