namespace GatewayOps.Tests.Contract;

/// <summary>Something that contract.md does not settle, and what we take for granted about it.</summary>
/// <param name="Quote">The words of contract.md, which occur there once; an UNCERTAIN mark among them is answered by this row.</param>
/// <param name="Assumed">Our choice.</param>
internal sealed record Assumption(string Quote, string Assumed)
{
    /// <summary>`Type.Member` of the emulator that turns it the other way.</summary>
    public IReadOnlyList<string> Emulator { get; init; } = [];

    /// <summary>`Type.Member` of the client.</summary>
    public IReadOnlyList<string> Client { get; init; } = [];

    /// <summary>`Type.Member` of the rule sets' validation.</summary>
    public IReadOnlyList<string> Rules { get; init; } = [];

    /// <summary>Why nothing of ours depends on it; beside places: why a part depends on nothing.</summary>
    public string? Because { get; init; }
}
