using System.Buffers;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using GatewayOps.ControlPlane.Http;
using GatewayOps.ControlPlane.Storage;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace GatewayOps.ControlPlane.Ingestion.Otlp;

/// <summary>
/// `POST /otlp/{gateway}/v1/traces`: where a gateway's own `otel` export pushes its spans. Spans do not name their gateway, so the address does. 200 says that every row is stored, but for what
/// it calls rejected; 429 and 503 ask to come again. Source: opentelemetry.io/docs/specs/otlp, OTLP/HTTP.
/// </summary>
public sealed partial class OtlpEndpoint(OtlpIntake intake, IngestionMetrics metrics, IOptions<IngestionOptions> options, ILogger<OtlpEndpoint> log) : IDisposable
{
    public const string Route = "/otlp/{gateway}/v1/traces";

    /// <summary>Of a body, after decompression.</summary>
    public const int MostBytes = 16 * 1024 * 1024;

    /// <summary>Bodies that are read at the same time. Once read, they wait for the store without a place: <see cref="OtlpIntake.MostPending"/> bounds them there.</summary>
    public const int MostAtOnce = 8;

    // google.rpc.Code
    private const int InvalidArgument = 3;
    private const int NotFound = 5;
    private const int ResourceExhausted = 8;
    private const int Internal = 13;
    private const int Unavailable = 14;
    private const int Unauthenticated = 16;

    private readonly SemaphoreSlim _places = new(MostAtOnce);
    private readonly byte[]? _token = options.Value.OtlpToken is { Length: > 0 } token ? SHA256.HashData(Encoding.UTF8.GetBytes(token)) : null;
    private readonly BodyRedaction _bodies = new(options.Value.RedactionRules(), options.Value.MaxBodyCharacters);

    /// <summary>Places of <see cref="MostAtOnce"/> that nobody has now.</summary>
    public int Free => _places.CurrentCount;

    public void Dispose() => _places.Dispose();

    public async Task InvokeAsync(HttpContext context)
    {
        var (request, response, cancellationToken) = (context.Request, context.Response, context.RequestAborted);
        var type = MediaTypeHeaderValue.TryParse(request.ContentType, out var parsed) ? parsed.MediaType.Value : null;
        var isProtobuf = string.Equals(type, OtlpAnswer.Protobuf, StringComparison.OrdinalIgnoreCase);
        if (!IsKnown(request))
        {
            response.Headers.WWWAuthenticate = "Bearer realm=\"gatewayops-otlp\"";
            await RefuseAsync(401, Unauthenticated, OtlpResult.Unauthorized, _token is null
                ? $"Nothing may be pushed here: {IngestionOptions.Section}:OtlpToken is not set."
                : $"A token is needed: send Authorization: Bearer with {IngestionOptions.Section}:OtlpToken.");
            return;
        }

        var gateway = (string?)request.RouteValues["gateway"];
        if (!GatewayId.IsValid(gateway))
        {
            await RefuseAsync(404, NotFound, OtlpResult.Refused, "The address names no gateway: POST /otlp/{gateway}/v1/traces.");
            return;
        }

        if (!isProtobuf && !string.Equals(type, OtlpAnswer.Json, StringComparison.OrdinalIgnoreCase))
        {
            await RefuseAsync(415, InvalidArgument, OtlpResult.Refused, $"Content-Type must be {OtlpAnswer.Protobuf} or {OtlpAnswer.Json}.");
            return;
        }

        var encoding = request.Headers.ContentEncoding.ToString();
        if (encoding is not ("" or "identity" or "gzip"))
        {
            await RefuseAsync(415, InvalidArgument, OtlpResult.Refused, "Content-Encoding must be gzip, or none.");
            return;
        }

        if (!await _places.WaitAsync(TimeSpan.Zero, cancellationToken))
        {
            await BusyAsync();
            return;
        }

        (List<Attempt> Rows, int Rejected, int Bytes)? export;
        try
        {
            export = await TakeAsync(gateway!, encoding == "gzip");
        }
        finally
        {
            _places.Release();
        }

        if (export is not null)
        {
            await StoreAsync(gateway!, export.Value.Rows, export.Value.Rejected, export.Value.Bytes);
        }

        // Null where it was refused.
        async Task<(List<Attempt> Rows, int Rejected, int Bytes)?> TakeAsync(string gateway, bool isZipped)
        {
            List<Attempt> rows = [];
            var rejected = 0;
            try
            {
                if (await ReadAsync(request, isZipped, cancellationToken) is not { } body)
                {
                    await RefuseAsync(413, InvalidArgument, OtlpResult.Refused, $"A body has at most {MostBytes} bytes: export smaller batches.");
                    return null;
                }

                var bodies = options.Value.BodiesOf(gateway);
                void Each(SpanFacts span)
                {
                    if (span.ToAttempt(gateway, bodies ? _bodies : null) is { } row) rows.Add(row);
                    else rejected++;
                }

                try
                {
                    if (isProtobuf) OtlpProtobuf.Read(body.Span, bodies, Each);
                    else OtlpJson.Read(body.Span, bodies, Each);
                    return (rows, rejected, body.Length);
                }
                finally
                {
                    // What was read of it are texts of their own.
                    ArrayPool<byte>.Shared.Return(MemoryMarshal.TryGetArray(body, out var buffer) ? buffer.Array! : []);
                }
            }
            catch (Exception e) when (e is FormatException or InvalidDataException)
            {
                await RefuseAsync(400, InvalidArgument, OtlpResult.Refused, $"The body is not an ExportTraceServiceRequest: {(e is FormatException ? e.Message : "it is not gzip")}.");
                return null;
            }
        }

        async Task StoreAsync(string gateway, List<Attempt> rows, int rejected, int bytes)
        {
            try
            {
                if (!await intake.TryStoreAsync(gateway, rows, bytes, cancellationToken))
                {
                    await BusyAsync();
                    return;
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                throw;
            }
            catch (Exception e) when (e is OperationCanceledException || Outage.MayPass(e))
            {
                response.Headers.RetryAfter = "5";
                await RefuseAsync(503, Unavailable, OtlpResult.Unavailable, "The database is away: nothing was stored. Come again.");
                return;
            }
            catch (Exception e) when (!response.HasStarted)
            {
                Unstored(log, gateway, rows.Count, e);
                await RefuseAsync(500, Internal, OtlpResult.Refused, "These spans cannot be stored.");
                return;
            }

            metrics.Received(rejected == 0 ? OtlpResult.Stored : OtlpResult.Partial);
            await OtlpAnswer.StoredAsync(response, isProtobuf, rejected, "These are no spans of AI Gateway, or have no ids or no time.", cancellationToken);
        }

        async Task BusyAsync()
        {
            response.Headers.RetryAfter = "1";
            await RefuseAsync(429, ResourceExhausted, OtlpResult.Busy, "More is being stored than fits: come again.");
        }

        async Task RefuseAsync(int status, int code, string result, string message)
        {
            metrics.Received(result);
            await OtlpAnswer.RefuseAsync(response, status, isProtobuf, code, message, cancellationToken);
        }
    }

    private bool IsKnown(HttpRequest request)
    {
        var header = request.Headers.Authorization;
        return _token is not null && header.Count == 1 && header[0]!.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)
            && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(header[0]!["Bearer ".Length..].Trim())), _token);
    }

    /// <summary>Null when it is too long.</summary>
    private static async Task<ReadOnlyMemory<byte>?> ReadAsync(HttpRequest request, bool isZipped, CancellationToken cancellationToken)
    {
        await using var unzipped = isZipped ? new GZipStream(request.Body, CompressionMode.Decompress, leaveOpen: true) : null;
        return await BoundedBody.ReadAsync(unzipped ?? request.Body, request.ContentLength, MostBytes, progress: null, cancellationToken, ArrayPool<byte>.Shared);
    }

    [LoggerMessage(6010, LogLevel.Error, "{Count} spans of gateway {Gateway} cannot be stored")]
    private static partial void Unstored(ILogger logger, string gateway, int count, Exception exception);
}
