using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace GatewayOps.Tests.Emulator;

/// <summary>One answer of the management API, read whole.</summary>
public sealed record ManagementAnswer(HttpStatusCode Status, JsonElement Body, HttpResponseMessage Response)
{
    public JsonElement Result => Body.GetProperty("result");

    /// <summary>`code message path` of every error, path joined by dots: short enough for a table of cases.</summary>
    public IReadOnlyList<string> Errors => [.. Body.GetProperty("errors").EnumerateArray().Select(error => string.Join(' ', new[]
    {
        error.TryGetProperty("code", out var code) ? code.ToString() : "-",
        error.TryGetProperty("path", out var path) ? string.Join('.', path.EnumerateArray()) : null,
        error.GetProperty("message").GetString(),
    }.Where(part => part is not null)))];
}

public static class ManagementCalls
{
    public static async Task<ManagementAnswer> CallAsync(this HttpClient client, HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
            request.Content = body as HttpContent ?? JsonContent.Create(body);
        var response = await client.SendAsync(request);
        return new ManagementAnswer(response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>(), response);
    }

    public static Task<ManagementAnswer> GetAnswerAsync(this HttpClient client, string path) => client.CallAsync(HttpMethod.Get, path);

    public static Task<ManagementAnswer> PostAnswerAsync(this HttpClient client, string path, object? body) => client.CallAsync(HttpMethod.Post, path, body);

    /// <summary>The smallest valid gateway, with members added, replaced, or (value <see cref="Absent"/>) taken away.</summary>
    public static Dictionary<string, object?> GatewayBody(string? id, params (string Name, object? Value)[] changes)
    {
        var body = new Dictionary<string, object?>
        {
            ["cache_invalidate_on_update"] = false,
            ["cache_ttl"] = 0,
            ["collect_logs"] = true,
            ["rate_limiting_interval"] = 0,
            ["rate_limiting_limit"] = 0,
        };
        if (id is not null)
            body["id"] = id;
        foreach (var (name, value) in changes)
        {
            if (value == Absent)
                body.Remove(name);
            else
                body[name] = value;
        }
        return body;
    }

    public static readonly object Absent = new();
}
