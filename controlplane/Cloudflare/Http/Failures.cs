using System.Net;

namespace GatewayOps.Cloudflare.Http;

/// <summary>Makes a <see cref="CloudflareException"/> of an answer, or of its absence. No text holds a credential or what the call hides.</summary>
internal sealed class Failures(CloudflareOptions options, TimeProvider time)
{
    // What a server writes ends in logs and conditions.
    private const int LongestMessage = 1000;
    private const int LongestRay = 64;

    /// <summary>Null when the answer is what the form says.</summary>
    public CloudflareException? Of(Call call, Form form, HttpResponseMessage response, byte[] body)
    {
        if (response.IsSuccessStatusCode && (form is Form.Raw or Form.Stream || response.StatusCode == HttpStatusCode.NoContent)) return null;
        var envelope = Envelope.TryRead(body);
        if (response.IsSuccessStatusCode)
        {
            if (envelope is null) return Unreadable(call, response, null);
            switch (form)
            {
                case Form.Json when envelope.Success != false:
                case Form.Envelope when envelope.Success == true:
                case Form.GraphQl when envelope.Errors.Count == 0 && envelope.Root.Member("data").ValueKind == System.Text.Json.JsonValueKind.Object:
                    return null;
                case Form.Envelope when envelope.Success is null:
                case Form.GraphQl when envelope.Errors.Count == 0:
                    return Unreadable(call, response, null);
                default:
                    break;
            }
        }
        return Refusal(call, response, Told(call, envelope?.Errors ?? []));
    }

    private CloudflareException Refusal(Call call, HttpResponseMessage response, IReadOnlyList<CloudflareError> errors)
    {
        var status = (int)response.StatusCode;
        var row = ErrorMap.Find(status, errors);
        // 409 and 429 say that nothing was done; a row of its own (as "UNIQUE constraint failed" in a 500) says what was.
        var ambiguous = call.Endpoint.IsWrite && row.Kind is CloudflareErrorKind.Server or CloudflareErrorKind.Timeout;
        return new(row.Kind, $"{call.Endpoint}: {status} {row.Kind}{Summary(errors)}", status, errors)
        {
            Ray = RayOf(response),
            IsTransient = row.Passes,
            IsAmbiguous = ambiguous,
            IsPending = row is { Kind: CloudflareErrorKind.NotFound, Passes: true },
            IsDenied = status is 401 or 403 && errors.Any(error => error.Code == 10000),
            RetryAfter = RetryTiming.Asked(response.Headers, time.GetUtcNow()),
            MayRepeat = ShouldRetry(response, row) && (call.Endpoint.Effect != Effect.Adds || !ambiguous),
        };
    }

    public static CloudflareException NoAnswer(Call call, CloudflareErrorKind kind, string what, bool sent, Exception? inner) =>
        new(kind, $"{call.Endpoint}: {what}", inner: inner)
        {
            IsTransient = true,
            IsAmbiguous = sent && call.Endpoint.IsWrite,
            MayRepeat = !sent || call.Endpoint.Effect != Effect.Adds,
        };

    public static CloudflareException NotSent(Call call, Exception inner) =>
        NoAnswer(call, CloudflareErrorKind.Timeout, "not sent: the limit of requests left no room before the deadline", sent: false, inner);

    /// <summary>A failure that a stream tells after it has begun, with the status 200.</summary>
    public CloudflareException InStream(Call call, HttpResponseMessage response, IReadOnlyList<CloudflareError> said)
    {
        var errors = Told(call, said);
        var row = ErrorMap.Find((int)response.StatusCode, errors);
        return new(row.Kind, $"{call.Endpoint}: the stream ended with {row.Kind}{Summary(errors)}", (int)response.StatusCode, errors) { Ray = RayOf(response), IsTransient = row.Passes };
    }

    public static CloudflareException Unreadable(Call call, HttpResponseMessage response, Exception? inner) =>
        new(CloudflareErrorKind.Protocol, $"{call.Endpoint}: {(int)response.StatusCode}, but the answer is not what the contract says", (int)response.StatusCode, inner: inner)
        {
            Ray = RayOf(response),
            IsAmbiguous = call.Endpoint.IsWrite,
        };

    private static bool ShouldRetry(HttpResponseMessage response, ErrorMap.Row row) =>
        (response.Headers.TryGetValues("x-should-retry", out var said) ? said.FirstOrDefault() : null) switch
        {
            "true" => true,
            "false" => false,
            _ => row.Passes || row.Kind == CloudflareErrorKind.Conflict,
        };

    private List<CloudflareError> Told(Call call, IReadOnlyList<CloudflareError> errors) => [.. errors.Select(error => error with { Message = Told(call, error.Message) })];

    private string Told(Call call, string message)
    {
        foreach (var secret in call.Hidden.Append(options.ApiToken).Append(options.ApiKey ?? "").Where(secret => secret.Length > 0).OrderByDescending(secret => secret.Length))
            message = message.Replace(secret, "(hidden)", StringComparison.Ordinal);
        return message.Length <= LongestMessage ? message : message[..LongestMessage] + "…";
    }

    private static string Summary(IReadOnlyList<CloudflareError> errors) =>
        string.Concat(errors.Take(10).Select(error => $"; {error.Code} {error.Message}{(error.Path is { } path ? $" ({path})" : "")}".Replace("  ", " ")));

    private static string? RayOf(HttpResponseMessage response) =>
        response.Headers.TryGetValues("cf-ray", out var rays) && rays.FirstOrDefault() is { Length: > 0 and <= LongestRay } ray && ray.All(char.IsAscii) ? ray : null;
}
