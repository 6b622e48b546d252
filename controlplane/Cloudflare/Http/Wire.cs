using System.Net.Http.Headers;

namespace GatewayOps.Cloudflare.Http;

/// <summary>An answer that is no failure. `Body` is empty where the body is still to come.</summary>
internal sealed record Answer(HttpResponseMessage Response, byte[] Body) : IDisposable
{
    public void Dispose() => Response.Dispose();
}

/// <summary>One attempt of a call: through its limiter, with the credentials, within the time for one attempt.</summary>
internal sealed class Wire(HttpClient http, CloudflareOptions options, TimeProvider time, CloudflareMetrics metrics)
{
    // A stored log is 10 MB at most (contract, section 3).
    private const int LargestAnswer = 16 * 1024 * 1024;

    private static readonly ProductInfoHeaderValue Agent = new("GatewayOps", typeof(Wire).Assembly.GetName().Version?.ToString(3));

    private readonly string _base = options.BaseUrl.AbsoluteUri.TrimEnd('/') + "/";

    private readonly Dictionary<Budget, RequestGate> _gates = new()
    {
        [Budget.Management] = new(options.RequestsPerFiveMinutes, TimeSpan.FromMinutes(5), time),
        [Budget.GraphQl] = new(options.GraphQlRequestsPerFiveMinutes, TimeSpan.FromMinutes(5), time),
        [Budget.Inference] = new(options.RunsPerMinute, TimeSpan.FromMinutes(1), time),
    };

    public Failures Failures { get; } = new(options, time);

    /// <summary>`bound` ends when the caller gives up or the call's deadline passes. Cancelled only while nothing was sent, or by the caller.</summary>
    public async Task<Answer> SendAsync(Call call, Form form, CancellationToken caller, CancellationToken bound)
    {
        var gate = _gates[call.Endpoint.Budget];
        await gate.EnterAsync(bound);
        var started = time.GetTimestamp();
        int? status = null;
        try
        {
            using var limit = new CancellationTokenSource(options.Timeout, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(bound, limit.Token);
            using var request = Request(call);
            var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            try
            {
                var comesLater = form == Form.Stream && response.IsSuccessStatusCode;
                if (!comesLater) await response.Content.LoadIntoBufferAsync(LargestAnswer, either.Token);
                status = (int)response.StatusCode;
                var body = comesLater ? [] : await response.Content.ReadAsByteArrayAsync(either.Token);
                Heed(gate, response);
                return Failures.Of(call, form, response, body) is { } failure ? throw Held(gate, failure) : new Answer(response, body);
            }
            catch
            {
                response.Dispose();
                throw;
            }
        }
        catch (HttpRequestException exception)
        {
            // Only these say that the request never left.
            var sent = exception.HttpRequestError is not (HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError
                or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError);
            throw Failures.NoAnswer(call, CloudflareErrorKind.Network, $"the connection failed ({exception.HttpRequestError})", sent, exception);
        }
        catch (OperationCanceledException exception) when (!caller.IsCancellationRequested)
        {
            throw Failures.NoAnswer(call, CloudflareErrorKind.Timeout, "no answer in time", sent: true, exception);
        }
        finally
        {
            metrics.Sent(call.Endpoint, status, time.GetElapsedTime(started));
        }
    }

    private HttpRequestMessage Request(Call call)
    {
        var request = new HttpRequestMessage(call.Endpoint.Method, new Uri(_base + call.Target))
        {
            Version = http.DefaultRequestVersion,
            VersionPolicy = http.DefaultVersionPolicy,
        };
        if (options.ApiKey is { } key)
        {
            request.Headers.Add("X-Auth-Email", options.ApiEmail);
            request.Headers.Add("X-Auth-Key", key);
        }
        else
        {
            request.Headers.Authorization = new("Bearer", options.ApiToken);
        }
        request.Headers.UserAgent.Add(Agent);
        // Add refuses line breaks.
        foreach (var (name, value) in call.Headers) request.Headers.Add(name, value);
        if (call.Body is { } body)
            request.Content = new ByteArrayContent(body) { Headers = { ContentType = new("application/json") } };
        return request;
    }

    // "None left" is as good as a 429, and cheaper: a 429 blocks the account for five minutes (contract, section 1.4).
    private static void Heed(RequestGate gate, HttpResponseMessage response)
    {
        if (RetryTiming.Exhausted(response.Headers) is { } wait) gate.Hold(wait);
    }

    private static CloudflareException Held(RequestGate gate, CloudflareException failure)
    {
        if (failure is { Kind: CloudflareErrorKind.RateLimited, IsTransient: true }) gate.Hold(failure.RetryAfter ?? RetryTiming.Backoff(0, Random.Shared.NextDouble()));
        return failure;
    }
}
