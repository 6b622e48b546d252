using GatewayOps.ControlPlane.Hosting;

namespace GatewayOps.Client.Settings;

/// <summary>
/// Environment and .env file, in this order; for the credentials Vault before them and key files after. One layer is asked for all names of a setting before the next is asked for any.
/// Source: checklist S0-03, S0-12, S1-12, S3-07, S4-01.
/// </summary>
internal sealed class SettingLayers
{
    public const string KeyFile = "key.env", AccountFile = "account_id.env";

    private readonly Func<string, string?>[] _layers;
    private readonly string _keys;
    private readonly Lazy<IReadOnlyDictionary<string, string>> _vault;

    public SettingLayers(GatewaySources sources)
    {
        _keys = Path.Combine(sources.Folder, "keys", "cloudflare-key");
        var file = sources.EnvFile ?? Path.Combine(sources.Folder, ".env");
        var dotEnv = sources.EnvFile is not null || File.Exists(file)
            ? DotEnvText.Read(SettingFile.Text(file, nameof(GatewaySources.EnvFile)), file, problem => new GatewayConfigurationException($"Configuration error: {problem}", nameof(GatewaySources.EnvFile), null))
            : [];
        _layers = [sources.Variable, name => dotEnv.GetValueOrDefault(name)];
        // Asked when a credential is first looked for: who gives his own asks nothing of the network.
        _vault = new(OfVault);
    }

    /// <summary>The first that is set.</summary>
    public string? Find(params ReadOnlySpan<string> names)
    {
        foreach (var layer in _layers)
            foreach (var name in names)
                if (layer(name) is { } value && value.AsSpan().Trim().Length > 0) return value.Trim();
        return null;
    }

    /// <summary>Of Vault, else as <see cref="Find"/>, else the whole content of a key file without the white space around it. A file that is there and empty is a mistake.</summary>
    public string? FindCredential(string file, string field, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
            if (_vault.Value.TryGetValue(name, out var kept)) return kept;
        if (Find(names) is { } found) return found;
        var path = PathOf(file);
        if (!File.Exists(path)) return null;
        return SettingFile.Text(path, field).Trim() is { Length: > 0 } content
            ? content
            : throw new GatewayConfigurationException($"Configuration error: {path} is empty: write {field} into it, or delete it", field, names[0]);
    }

    public string PathOf(string file) => Path.Combine(_keys, file);

    private IReadOnlyDictionary<string, string> OfVault()
    {
        try
        {
            return new VaultSecret(name => Find(name)).Texts();
        }
        catch (VaultException e)
        {
            throw new GatewayConfigurationException($"Configuration error: {e.Message}", nameof(GatewaySources), e.Variable, e.InnerException);
        }
    }

    /// <summary>An address; null when the name is not set.</summary>
    public Uri? FindUrl(string field, string name) =>
        Find(name) is not { } text ? null
        : Uri.TryCreate(text, UriKind.Absolute, out var url) ? url
        : throw new GatewayConfigurationException($"Configuration error: {field} is no absolute address: correct {name}", field, name);
}
