namespace GatewayOps.ControlPlane.Hosting;

/// <summary>A `.env` file of the service, as <see cref="DotEnvText"/> reads it.</summary>
public static class DotEnvFile
{
    /// <summary>Reads <paramref name="path"/>; no file, no variables. A line that is no variable stops the start with its number.</summary>
    public static IReadOnlyDictionary<string, string> Read(string path) =>
        File.Exists(path) ? DotEnvText.Read(File.ReadAllText(path), path, problem => new StartException(problem)) : new Dictionary<string, string>();
}
