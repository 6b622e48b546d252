using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace GatewayOps.Tests.Support;

/// <summary>Keeps what a host logs as lines of text, exceptions included; bounded, so that a chatty test does not fill the memory.</summary>
public sealed class CapturedLog : ILoggerProvider
{
    private const int MaxLines = 20_000;
    private readonly ConcurrentQueue<string> _lines = new();

    public IReadOnlyList<string> Lines => [.. _lines];

    public override string ToString() => string.Join('\n', _lines);

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void Dispose()
    {
        // The lines outlive the host: tests read them after it stopped.
    }

    private sealed class Logger(CapturedLog log, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (log._lines.Count < MaxLines)
            {
                log._lines.Enqueue($"{logLevel} {category}[{eventId.Id}] {formatter(state, exception)} {exception}");
            }
        }
    }
}
