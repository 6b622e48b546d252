using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace GatewayOps.Tests.Telemetry;

/// <summary>Requests of which each has a model, session, path, gateway, provider and user agent of its own; most of them are answered, so that their model counts as one.</summary>
internal static class HostileNames
{
    /// <summary>Part of what is no label: sessions, paths, user agents.</summary>
    public const string Never = "never-a-label";

    /// <summary>An upstream that knows every model.</summary>
    public static Task AnswerAsync(HttpContext context)
    {
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync("""{"choices":[{"message":{"content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":10}}""");
    }

    public static Task ThrowAsync(HttpClient caller, int from, int count, int atOnce, string account) =>
        Parallel.ForEachAsync(Enumerable.Range(from, count), new ParallelOptions { MaxDegreeOfParallelism = atOnce }, async (n, cancellationToken) =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, PathOf(n, account))
            {
                Content = new StringContent($$"""{"model":"gpt-{{n}}","messages":[{"role":"user","content":"{{Never}} prompt"}]}""", Encoding.UTF8, "application/json"),
            };
            request.Headers.Add("X-SESSION-ID", $"{Never}-session-{n}");
            request.Headers.Add("User-Agent", $"{Never}-agent-{n}");
            using var answer = await caller.SendAsync(request, cancellationToken);
            Assert.True(answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.NotFound or HttpStatusCode.BadRequest, $"{request.RequestUri}: {answer.StatusCode}");
        });

    // Mostly where models answer; now and then at a gateway, a provider, a path of the caller's invention.
    private static string PathOf(int n, string account) => (n % 8) switch
    {
        4 => $"/v1/{account}/gateway-{n}/openai/chat/completions",
        5 => $"/v1/{account}/openai-compat/custom-{n}/chat/completions",
        6 => $"/v1/{Never}-path-{n}",
        7 => $"/v1/{account}/openai-compat/openai/{Never}-path-{n}",
        _ => "/v1/chat/completions",
    };
}
