namespace GatewayOps.Infra.Spec;

/// <summary>Values of provider keys by the name of their secret. Says nothing of them in ToString; they leave only as secret inputs.</summary>
public sealed class SecretValues(IReadOnlyDictionary<string, string> values)
{
    public static SecretValues None { get; } = new(new Dictionary<string, string>());

    public string Of(KeySpec key) => values[key.SecretName];

    public override string ToString() => $"{values.Count} values (hidden)";
}
