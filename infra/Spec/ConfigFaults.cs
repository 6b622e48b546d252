using GatewayOps.Rules.Stacks;

namespace GatewayOps.Infra.Spec;

/// <summary>The faults of one configuration, in the order in which they are found. What may be a secret is not repeated.</summary>
internal sealed class ConfigFaults
{
    private readonly List<SpecError> _errors = [];

    public IReadOnlyList<SpecError> Errors => _errors;

    public void Add(string path, string message) => _errors.Add(new SpecError(OneLine(path), message));

    public bool HasAny(string path) => _errors.Any(error => error.Path == path || error.Path.StartsWith(path + '.', StringComparison.Ordinal) || error.Path.StartsWith(path + '[', StringComparison.Ordinal));

    /// <summary>What was found instead, for a message.</summary>
    public static string Shown(string text, bool isSecret) =>
        isSecret ? "another value" : SecretShape.Matches(text) ? "what looks like a key" : $"\"{OneLine(text[..Math.Min(text.Length, 64)])}\"";

    // Names and values come from a file that anybody may have written: no message breaks a line.
    internal static string OneLine(string text) => new([.. text.Select(c => char.IsControl(c) ? '?' : c)]);
}
