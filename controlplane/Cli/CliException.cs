namespace GatewayOps.Cli;

/// <summary>An expected failure of a verb. The message says what and why; <paramref name="next"/> is the command or change to try next.</summary>
public sealed class CliException(string message, string? next = null, int exitCode = ExitCodes.Failed) : Exception(message)
{
    public string? Next => next;
    public int ExitCode => exitCode;
}

/// <summary>diff, plan and drift: 0 none, 1 differences, 2 error. Other verbs: 0 or 1.</summary>
public static class ExitCodes
{
    public const int Ok = 0;
    public const int Failed = 1;
    public const int Differences = 1;
    public const int ComparisonFailed = 2;
}
