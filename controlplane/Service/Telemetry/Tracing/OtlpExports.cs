using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace GatewayOps.ControlPlane.Telemetry.Tracing;

/// <summary>The connections by which the SDK exports. It counts what became of each export, and says once when they begin to fail and once when they succeed again: the SDK itself is silent.</summary>
public sealed partial class OtlpExports(IMeterFactory meters, OtelSettings settings, ILogger<OtlpExports> log)
{
    private readonly Counter<long> _exports = meters.Create(TelemetryMetrics.MeterName).CreateCounter<long>("gatewayops_otlp_exports", description: "Exports by OTLP, by signal and whether the collector took them.");
    private readonly ConcurrentDictionary<string, bool> _failing = new();

    /// <summary>A client for the exporter of one signal, traces or metrics.</summary>
    public HttpClient NewClient(string signal, int timeoutMilliseconds)
    {
        Count(signal, "ok", 0);
        Count(signal, "failed", 0);
        // No propagator: an export is no part of a trace.
        return new HttpClient(new Watch(this, signal, new SocketsHttpHandler { ActivityHeadersPropagator = null, PooledConnectionLifetime = TimeSpan.FromMinutes(5) }))
        {
            Timeout = TimeSpan.FromMilliseconds(timeoutMilliseconds),
        };
    }

    private void Ended(string signal, string? failure)
    {
        Count(signal, failure is null ? "ok" : "failed", 1);
        if (failure is not null && _failing.TryAdd(signal, true))
        {
            Failing(signal, settings.Otlp.Endpoint ?? "its endpoint", failure);
        }
        else if (failure is null && _failing.TryRemove(signal, out _))
        {
            Works(signal);
        }
    }

    private void Count(string signal, string result, long by) => _exports.Add(by, new("signal", signal), new("result", result));

    [LoggerMessage(8010, LogLevel.Warning, "The export of {Signal} to {Endpoint} fails: {Reason}. What does not fit the queue meanwhile is lost")]
    private partial void Failing(string signal, string endpoint, string reason);

    [LoggerMessage(8011, LogLevel.Information, "The export of {Signal} works again")]
    private partial void Works(string signal);

    private sealed class Watch(OtlpExports exports, string signal, HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            try
            {
                return Seen(base.Send(request, cancellationToken));
            }
            catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
            {
                exports.Ended(signal, exception.GetBaseException().Message);
                throw;
            }
        }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            try
            {
                var answer = await base.SendAsync(request, cancellationToken);
                if (IsGrpc(answer))
                {
                    await answer.Content.LoadIntoBufferAsync(cancellationToken); // its trailers come behind it
                }

                return Seen(answer);
            }
            catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
            {
                exports.Ended(signal, exception.GetBaseException().Message);
                throw;
            }
        }

        private HttpResponseMessage Seen(HttpResponseMessage answer)
        {
            exports.Ended(signal, answer.IsSuccessStatusCode ? GrpcFailure(answer) : $"status {(int)answer.StatusCode}");
            return answer;
        }

        private static bool IsGrpc(HttpResponseMessage answer) => answer.Content.Headers.ContentType?.MediaType?.StartsWith("application/grpc", StringComparison.Ordinal) is true;

        // A call that failed is a success of HTTP; its status is in the trailers, or in the headers where nothing else is answered.
        private static string? GrpcFailure(HttpResponseMessage answer) =>
            IsGrpc(answer) && (answer.Headers.TryGetValues("grpc-status", out var status) || answer.TrailingHeaders.TryGetValues("grpc-status", out status)) && status.First() is not "0" and var code ? $"gRPC status {code}" : null;
    }
}
