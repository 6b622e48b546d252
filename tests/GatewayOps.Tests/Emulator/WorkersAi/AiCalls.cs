using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using GatewayOps.Tests.Emulator.Upstreams;

namespace GatewayOps.Tests.Emulator.WorkersAi;

/// <summary>One answer of the REST surface, read whole.</summary>
internal sealed record AiAnswer(int Status, string ContentType, byte[] Bytes, IReadOnlyDictionary<string, string> Headers)
{
    public string Text => Encoding.UTF8.GetString(Bytes);

    public JsonElement Json => JsonSerializer.Deserialize<JsonElement>(Bytes);

    public JsonElement Result => Json.GetProperty("result");

    public int ErrorCode => (int)Json.NumberAt("errors.0.code");

    public IReadOnlyList<string> Data => [.. Text.Split('\n').Where(line => line.StartsWith("data: ", StringComparison.Ordinal)).Select(line => line["data: ".Length..])];
}

internal static class AiCalls
{
    public const string Llama = "@cf/meta/llama-3.1-8b-instruct";
    public const string Tools = "@cf/meta/llama-3.3-70b-instruct-fp8-fast";
    public const string Newer = "@cf/openai/gpt-oss-20b";
    public const string Bge = "@cf/baai/bge-base-en-v1.5";

    /// <param name="path">Below `/accounts/{id}/ai/`.</param>
    public static Task<AiAnswer> RunAsync(this HttpClient management, string path, string body, params string[] headers) =>
        management.RunAsync(path, new StringContent(body, Encoding.UTF8, "application/json"), headers);

    public static async Task<AiAnswer> RunAsync(this HttpClient management, string path, HttpContent body, params string[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"ai/{path}") { Content = body };
        foreach (var header in headers)
            request.Headers.Add(header.Split(": ", 2)[0], header.Split(": ", 2)[1]);
        using var response = await management.SendAsync(request);
        return new AiAnswer(
            (int)response.StatusCode, response.Content.Headers.ContentType?.ToString() ?? "", await response.Content.ReadAsByteArrayAsync(),
            response.Headers.Concat(response.Content.Headers).ToDictionary(header => header.Key.ToLowerInvariant(), header => string.Join(", ", header.Value)));
    }

    public static HttpContent Bytes(int length, string contentType)
    {
        var content = new ByteArrayContent(new byte[length]);
        content.Headers.ContentType = new MediaTypeHeaderValue(contentType);
        return content;
    }
}
