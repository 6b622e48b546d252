namespace GatewayOps.Cli.Batch;

/// <summary>The run has to end before its end, and can be resumed.</summary>
public sealed class BatchStoppedException(string message, string? next = null) : Exception(message)
{
    /// <summary>What is to be done before it is resumed; null where nothing is.</summary>
    public string? Next => next;
}
