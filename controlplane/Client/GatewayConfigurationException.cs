namespace GatewayOps.Client;

/// <summary>An option is missing or wrong. It is thrown before the gateway is asked anything; of values it shows a provider's name alone.</summary>
public sealed class GatewayConfigurationException : ArgumentException
{
    internal GatewayConfigurationException(string message, string field, string? variable, Exception? inner = null) : base(message, inner) => (Field, Variable) = (field, variable);

    /// <summary>The option, as <see cref="GatewayClientOptions"/> or <see cref="WorkersAi.WorkersAiOptions"/> calls it, or <see cref="GatewaySources"/> where a source itself is wrong; the first where several are wrong.</summary>
    public string Field { get; }

    /// <summary>The variable that gives it; null where none does.</summary>
    public string? Variable { get; }
}
