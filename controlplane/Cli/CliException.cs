namespace GatewayOps.Cli;

/// <summary>An expected failure of a verb. The message says what and why; <paramref name="next"/> is the command or change to try next.</summary>
public class CliException(string message, string next, int exitCode = ExitCodes.Failed) : Exception(message)
{
    public string Next => next;
    public int ExitCode => exitCode;
}

/// <summary>The service does not answer at its address.</summary>
public sealed class ServiceUnreachableException(string message, string next) : CliException(message, next);

/// <summary>Something answers at the address, and says that the service cannot now: it starts, or stands behind a balancer that has none.</summary>
public sealed class ServiceNotReadyException(string message, string next) : CliException(message, next);

public static class ExitCodes
{
    public const int Ok = 0;
    public const int Failed = 1;
    public const int Differences = 1;
    public const int ComparisonFailed = 2;

    /// <summary>There are no Cloudflare credentials anywhere.</summary>
    public const int NotConfigured = 3;

    /// <summary>What a shell reports after an interrupt.</summary>
    public const int Interrupted = 130;

    /// <summary>What a shell reports of a program whose reader has gone.</summary>
    public const int BrokenPipe = 141;
}

/// <summary>What the exit codes of a verb mean. <paramref name="Failure"/>: that of an error and of misspelt arguments.</summary>
public sealed record Exits(int Failure, string Meaning)
{
    public static Exits Plain { get; } = new(ExitCodes.Failed, "0 done, 1 failed");

    /// <summary>For verbs that compare: a difference is no error.</summary>
    public static Exits Compares { get; } = new(ExitCodes.ComparisonFailed, "0 none, 1 differences, 2 error");
}
