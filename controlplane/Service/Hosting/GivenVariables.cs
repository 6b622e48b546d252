namespace GatewayOps.ControlPlane.Hosting;

/// <summary>Environment variables as they are read everywhere: one that is empty counts as not set.</summary>
public static class GivenVariables
{
    /// <summary>The value; null where it is not set.</summary>
    public static string? Given(this IReadOnlyDictionary<string, string> variables, string name) => variables.GetValueOrDefault(name) is { Length: > 0 } value ? value : null;
}
