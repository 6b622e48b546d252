using GatewayOps.Infra.Spec;

namespace GatewayOps.Tests.Infra;

/// <summary>Configuration as the engine hands it to the program: texts by key, structured values as JSON.</summary>
internal static class Configurations
{
    public const string Account = "0123456789abcdef0123456789abcdef";

    public static StackSpecReading Read(params (string Key, string Value)[] config) => StackSpecReader.Read(Plain(config), _ => null);

    /// <summary>With an account, and some keys secret.</summary>
    public static StackSpecReading ReadSecret(string[] secret, params (string Key, string Value)[] config) =>
        StackSpecReader.Read(Plain([("accountId", Account), .. config]) with { Secret = secret.ToHashSet() }, _ => null);

    public static StackConfiguration Plain(params (string Key, string Value)[] config) =>
        new(config.ToDictionary(entry => entry.Key, entry => entry.Value), new HashSet<string>(), new HashSet<string>());

    /// <summary>The specification of a configuration with an account; fails with its faults.</summary>
    public static StackSpec Spec(params (string Key, string Value)[] config)
    {
        var reading = Read([("accountId", Account), .. config]);
        Assert.Empty(reading.Errors);
        return reading.Spec!;
    }
}
