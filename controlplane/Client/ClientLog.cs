using Microsoft.Extensions.Logging;

namespace GatewayOps.Client;

internal static partial class ClientLog
{
    [LoggerMessage(50000, LogLevel.Warning, "Status {Status} at attempt {Attempt}; the next one is in {Seconds} s (request {RequestId})")]
    public static partial void Retrying(ILogger logger, int? status, int attempt, double seconds, string? requestId);

    [LoggerMessage(50001, LogLevel.Warning, "The function {Function} failed; the model was told")]
    public static partial void FunctionFailed(ILogger logger, string function, Exception? exception);

    [LoggerMessage(50002, LogLevel.Warning, "The model asked for the function {Function}, which there is not")]
    public static partial void FunctionUnknown(ILogger logger, string function);

    [LoggerMessage(50003, LogLevel.Error, "The background task {Function} failed")]
    public static partial void BackgroundTaskFailed(ILogger logger, string function, Exception exception);

    [LoggerMessage(50004, LogLevel.Warning, "The background task {Function} was refused: {Active} are running")]
    public static partial void BackgroundTaskRefused(ILogger logger, string function, int active);

    [LoggerMessage(50005, LogLevel.Warning, "{Active} background tasks did not end in time and were cancelled")]
    public static partial void BackgroundTasksCancelled(ILogger logger, int active);

    [LoggerMessage(50006, LogLevel.Information, "The answer is no value of {Type}; the model is asked once to correct it")]
    public static partial void Repairing(ILogger logger, string type);

    [LoggerMessage(50007, LogLevel.Information, "{Model} does not take a schema of answers; a function is used instead")]
    public static partial void SchemaRefused(ILogger logger, string model);
}
