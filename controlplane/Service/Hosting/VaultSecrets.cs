namespace GatewayOps.ControlPlane.Hosting;

/// <summary>The service's settings in Vault: a <see cref="VaultSecret"/> whose fields are well-known names (<see cref="EnvironmentNames"/>), stronger than the environment. Source: checklist S1-12, S1-13.</summary>
public static class VaultSecrets
{
    /// <inheritdoc cref="VaultSecret.PathVariable"/>
    public const string PathVariable = VaultSecret.PathVariable;

    /// <summary>Whether settings lie there.</summary>
    public static bool IsConfigured(IReadOnlyDictionary<string, string> variables) => variables.Given(PathVariable) is not null;

    /// <summary>The well-known names that the secret has; none where Vault is not configured, or has no such secret. Throws <see cref="StartException"/> when it cannot be asked: a setting is not to fall back unseen.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Read(IReadOnlyDictionary<string, string> variables)
    {
        var known = EnvironmentNames.Table.Select(row => row.Name).ToHashSet(StringComparer.Ordinal);
        return [.. Told(variables, secret => secret.Texts()).Select(text => KeyValuePair.Create(text.Key.ToUpperInvariant(), text.Value)).Where(field => known.Contains(field.Key))];
    }

    /// <summary>Puts one field, and leaves the others as they are: a write that somebody else's came before is refused by Vault. Throws <see cref="StartException"/>.</summary>
    public static void Put(IReadOnlyDictionary<string, string> variables, string name, string value) => Told(variables, secret =>
    {
        secret.Put(name, value);
        return true;
    });

    private static T Told<T>(IReadOnlyDictionary<string, string> variables, Func<VaultSecret, T> ask)
    {
        try
        {
            return ask(new VaultSecret(variables.Given));
        }
        catch (VaultException e)
        {
            throw new StartException(e.Message);
        }
    }
}
