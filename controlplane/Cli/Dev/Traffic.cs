using System.Net.Http.Headers;
using System.Net.Http.Json;

namespace GatewayOps.Cli.Dev;

/// <summary>A trickle of chat requests, some repeated, some streamed and now and then one for a model that nobody has, so that dashboards and `usage` have something to show.</summary>
public sealed class Traffic(Uri service, string? token, TimeSpan? pause = null) : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);
    private static readonly string[] Models = ["gpt-4o-mini", "claude-3-haiku", "openrouter/openai/gpt-4o-mini"];

    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = service, Timeout = TimeSpan.FromSeconds(30) };

    /// <summary>Runs until it is cancelled. A request that fails is the service's to record; the next one follows all the same.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        for (var turn = 0; !cancellationToken.IsCancellationRequested; turn++)
        {
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
                {
                    Content = JsonContent.Create(new
                    {
                        model = turn % 20 == 19 ? "no-such-model" : Models[turn % Models.Length],
                        stream = turn % 3 == 0,
                        messages = new[] { new { role = "user", content = $"What is the capital of country number {(turn % 2 == 0 ? turn % 5 : turn)}?" } },
                    }),
                };
                if (token is not null)
                {
                    request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
                }

                using var response = await _http.SendAsync(request, cancellationToken);
            }
            catch (HttpRequestException)
            {
                // Recorded by the service, or the service is on its way down.
            }

            await Task.Delay(pause ?? Pause, cancellationToken);
        }
    }

    public void Dispose() => _http.Dispose();
}
