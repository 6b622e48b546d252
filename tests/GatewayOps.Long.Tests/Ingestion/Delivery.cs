using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using GatewayOps.Emulator.Export.Otlp;
using GatewayOps.Emulator.State;
using GatewayOps.Tests.Support;
using Npgsql;

namespace GatewayOps.Long.Tests.Ingestion;

/// <summary>What one source tells, again and again until it is stored, whichever process takes it.</summary>
/// <param name="name">logs and telemetry are polled, otlp is pushed, past-logs and past-telemetry are backfilled.</param>
/// <param name="skew">By how much the source's clock is ahead of the gateway's.</param>
internal sealed class Delivery(Course course, string name, IReadOnlyList<LogRow> rows, TimeSpan skew)
{
    public const string Token = "otlp-token-of-the-tests";

    /// <summary>What the names of backfilled sources begin with.</summary>
    public const string Past = "past-";

    private const int SpansOfAnExport = 40;

    /// <summary>For each wait: a killed replica's job is taken over some ten seconds later, and the machine may be busy.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private bool _isAsked;

    public string Name => name;

    public string Source => IsPast ? name[Past.Length..] : name;

    public bool IsPast => name.StartsWith(Past, StringComparison.Ordinal);

    public int Count => rows.Count;

    /// <summary>Rows that the source has told, by the clock of its own.</summary>
    public int Told(Stand stand) => rows.Count(row => row.CreatedAt + skew <= stand.Through);

    /// <summary>True: all is told, and what is polled was polled once more. False: the service is gone, or does not come to an end.</summary>
    public async Task<bool> ToAsync(ChildService service)
    {
        var started = Stopwatch.GetTimestamp();
        var pushed = name == "otlp" ? PushAsync(service, started) : Task.FromResult(true);
        DateTimeOffset? polled = null;
        while (Stopwatch.GetElapsedTime(started) < Patience && !service.HasExited && !pushed.IsFaulted)
        {
            try
            {
                if (IsPast && !_isAsked)
                {
                    using var asked = await service.Operator.PostAsJsonAsync("/api/v1/logs/backfill", new { gateway = Course.Gateway, from = rows[0].CreatedAt.AddMinutes(-1), to = rows[^1].CreatedAt.AddMinutes(1), source = Source });
                    _isAsked = asked.IsSuccessStatusCode;
                }

                var stand = await course.StandAsync(this);
                if (Told(stand) == Count)
                {
                    polled ??= stand.PolledAt;
                    if (name == "otlp" ? pushed.IsCompleted : IsPast ? stand.PolledAt > DateTimeOffset.UnixEpoch : stand.PolledAt > polled)
                    {
                        return await pushed;
                    }
                }
            }
            catch (Exception e) when (IsAway(e))
            {
                // The service or its database.
            }

            await Task.Delay(200);
        }

        await pushed;
        return false;
    }

    // As a gateway does, which tries again until it is told that all is stored. The ids of an export are the same at each of its tries.
    private async Task<bool> PushAsync(ChildService service, long started)
    {
        foreach (var chunk in rows.Chunk(SpansOfAnExport))
        {
            var body = OtelProtobuf.Of([.. chunk.Select(row => OtelSpan.Of(row, skew) with { TraceId = Hex(row.Id[..16]), SpanId = Hex(row.Id[18..]) })]).ToArray();
            while (!await TryAsync(service, body))
            {
                if (service.HasExited || Stopwatch.GetElapsedTime(started) > Patience)
                {
                    return false;
                }

                await Task.Delay(50);
            }
        }

        return true;
    }

    private static async Task<bool> TryAsync(ChildService service, byte[] body)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"/otlp/{Course.Gateway}/v1/traces") { Content = new ByteArrayContent(body), Headers = { Authorization = new AuthenticationHeaderValue("Bearer", Token) } };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(OtelProtobuf.ContentType);
            using var answer = await service.Operator.SendAsync(request);
            Assert.Contains((int)answer.StatusCode, new[] { 200, 429, 503 });
            return answer.IsSuccessStatusCode;
        }
        catch (Exception e) when (IsAway(e))
        {
            return false;
        }
    }

    private static bool IsAway(Exception e) => e is HttpRequestException or IOException or OperationCanceledException or NpgsqlException or TimeoutException;

    private static string Hex(string text) => Convert.ToHexStringLower(System.Text.Encoding.ASCII.GetBytes(text));
}
