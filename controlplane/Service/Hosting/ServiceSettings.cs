using System.Collections;

namespace GatewayOps.ControlPlane.Hosting;

/// <summary>What a process is given from outside besides its arguments: environment variables, and the folder with .env, appsettings and key files.</summary>
public sealed record Surroundings(IReadOnlyDictionary<string, string> Variables, string Folder)
{
    /// <summary>Those of this process.</summary>
    public static Surroundings OfProcess() => new(
        Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().ToDictionary(entry => (string)entry.Key, entry => (string?)entry.Value ?? ""),
        Directory.GetCurrentDirectory());

    /// <summary>Development or Production; Production where nothing says otherwise.</summary>
    public string EnvironmentName =>
        Variables.GetValueOrDefault("ASPNETCORE_ENVIRONMENT") ?? Variables.GetValueOrDefault("DOTNET_ENVIRONMENT") ?? Environments.Production;
}

/// <summary>Where settings come from, the weakest source first.</summary>
public static class ServiceSettings
{
    public static void AddSources(IConfigurationBuilder configuration, string[] args, Surroundings surroundings)
    {
        var folder = surroundings.Folder;
        SettingSource.Add(configuration, "keys/cloudflare-key", KeyFiles(Path.Combine(folder, "keys", "cloudflare-key")));
        configuration.AddJsonFile(Path.Combine(folder, "appsettings.json"), optional: true, reloadOnChange: false);
        configuration.AddJsonFile(Path.Combine(folder, $"appsettings.{surroundings.EnvironmentName}.json"), optional: true, reloadOnChange: false);
        SettingSource.Add(configuration, ".env", EnvironmentNames.Settings(DotEnvFile.Read(Path.Combine(folder, ".env"))));
        SettingSource.Add(configuration, "the environment", EnvironmentNames.Settings(surroundings.Variables));
        SettingSource.Add(configuration, "Vault", EnvironmentNames.Settings(VaultSecrets.Read(surroundings.Variables)));
        configuration.AddCommandLine(args);
    }

    private static IEnumerable<KeyValuePair<string, string?>> KeyFiles(string folder)
    {
        (string File, string Setting)[] files = [("key.env", "GatewayOps:Cloudflare:ApiToken"), ("account_id.env", "GatewayOps:Cloudflare:AccountId")];
        return files
            .Select(entry => (Path: Path.Combine(folder, entry.File), entry.Setting))
            .Where(entry => File.Exists(entry.Path))
            .Select(entry => KeyValuePair.Create(entry.Setting, (string?)File.ReadAllText(entry.Path).Trim()));
    }
}
