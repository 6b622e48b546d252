using Microsoft.Extensions.Logging.Console;

namespace GatewayOps.ControlPlane.Hosting;

/// <summary>Logs go to the console: a JSON object per line, or one readable line each (in development, unless the setting says).</summary>
public static class ServiceLogging
{
    public static void AddServiceLogging(this WebApplicationBuilder builder)
    {
        var logging = builder.Logging;
        logging.AddConfiguration(builder.Configuration.GetSection("Logging"));
        var format = builder.Configuration.GetSection(LogOptions.Section).Get<LogOptions>()?.Format ?? LogFormat.Auto;
        if (format is LogFormat.Text || (format is LogFormat.Auto && builder.Environment.IsDevelopment()))
        {
            logging.AddSimpleConsole(console =>
            {
                console.SingleLine = true;
                console.UseUtcTimestamp = true;
                console.TimestampFormat = "HH:mm:ss.fff ";
            });
        }
        else
        {
            logging.AddConsole(console => console.FormatterName = JsonLogFormatter.FormatterName).AddConsoleFormatter<JsonLogFormatter, ConsoleFormatterOptions>();
        }

        // A reader of our output that is slow must not slow the requests: lines beyond the queue are dropped, and their number is told.
        logging.Services.Configure<ConsoleLoggerOptions>(console => console.QueueFullMode = ConsoleLoggerQueueFullMode.DropWrite);
        logging.AddFilter("Microsoft", LogLevel.Warning);
        logging.AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Information);
        logging.AddFilter("System.Net.Http", LogLevel.Warning);
        logging.AddFilter("Quartz", LogLevel.Warning);
        // Logs whole addresses, and a query may hold a token (`?auth_token=`): no setting turns it on.
        // Enabled at any level, it begins an activity and a scope for each request.
        logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);

        var started = new StartedSwitch();
        builder.Services.AddSingleton<IHostedService>(started);
        logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", level => started.IsOn && level >= LogLevel.Information);
        logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel", level => started.IsOn && level >= LogLevel.Warning);
    }

    // A failed start is told in one line by StartFailure; the framework's own stack traces before it would bury that line.
    private sealed class StartedSwitch : IHostedLifecycleService
    {
        public bool IsOn { get; private set; }

        public Task StartedAsync(CancellationToken cancellationToken)
        {
            IsOn = true;
            return Task.CompletedTask;
        }

        public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
