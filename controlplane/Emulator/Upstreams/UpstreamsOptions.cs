namespace GatewayOps.Emulator.Upstreams;

/// <summary>How the providers behind the emulated gateway behave.</summary>
public sealed record UpstreamsOptions
{
    /// <summary>Provider slug to a real base URL; such a provider is not simulated. Example: openai → http://127.0.0.1:11434/v1.</summary>
    public IReadOnlyDictionary<string, Uri> BaseUrls { get; init; } = new Dictionary<string, Uri>();

    /// <summary>Provider slug to the keys that it accepts; a provider without an entry accepts any key that is not empty.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> AcceptedKeys { get; init; } = new Dictionary<string, IReadOnlyList<string>>();
}
