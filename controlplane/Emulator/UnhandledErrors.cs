using GatewayOps.Emulator.DataPlane;

namespace GatewayOps.Emulator;

/// <summary>Logs what no endpoint handled, in place of the server, which cannot tell a mistake of ours from an answer that is broken off on purpose.</summary>
public static partial class UnhandledErrors
{
    /// <summary>The server's own report of the same exceptions.</summary>
    private const string ServerCategory = "Microsoft.AspNetCore.Server.Kestrel";

    public static ILoggingBuilder QuietServer(this ILoggingBuilder logging) => logging.AddFilter(ServerCategory, LogLevel.None);

    public static void LogUnhandledErrors(this WebApplication app)
    {
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(UnhandledErrors).FullName!);
        app.Use(async (context, next) =>
        {
            try
            {
                await next(context);
            }
            catch (Exception unhandled) when (unhandled is not BrokenAnswerException and not BadHttpRequestException && !context.RequestAborted.IsCancellationRequested)
            {
                Failed(logger, unhandled, context.Request.Method, context.Request.Path);
                throw;
            }
        });
    }

    [LoggerMessage(EventId = 20000, Level = LogLevel.Error, Message = "{Method} {Path} failed inside the emulator")]
    private static partial void Failed(ILogger logger, Exception exception, string method, string path);
}
