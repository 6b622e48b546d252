using System.Net.ServerSentEvents;
using GatewayOps.Client;
using Microsoft.Extensions.AI;

var builder = WebApplication.CreateBuilder(args);
// Which gateway, which model and the token stand in the environment.
builder.Services.AddGatewayClient();
builder.Services.AddProblemDetails();

var app = builder.Build();
// What is missing stops the start, and not the first visitor.
app.Services.GetRequiredService<GatewayChatClient>();
app.UseExceptionHandler(new ExceptionHandlerOptions
{
    StatusCodeSelector = failure => failure switch
    {
        GatewayRateLimitedException => StatusCodes.Status429TooManyRequests,
        GatewayTimeoutException => StatusCodes.Status504GatewayTimeout,
        GatewayException => StatusCodes.Status502BadGateway,
        _ => StatusCodes.Status500InternalServerError,
    },
});

app.MapPost("/chat", async (Question question, GatewayChatClient chat, CancellationToken cancellationToken) =>
{
    var reply = await chat.ChatAsync(question.Message, cancellationToken: cancellationToken);
    return new Reply(reply.Text, reply.Usage.Provider, reply.Usage.TotalTokens);
});

// Any library for IChatClient works here, too: middleware, agents, evaluation.
app.MapGet("/chat/stream", (string message, IChatClient chat, CancellationToken cancellationToken) => TypedResults.ServerSentEvents(PiecesAsync(chat, message, cancellationToken)));

app.MapPost("/mood", async (Question question, GatewayChatClient chat, CancellationToken cancellationToken) =>
    (await chat.ChatAsync<Mood>(question.Message, "How does the writer feel?", cancellationToken: cancellationToken)).Value);

app.Run();

// An answer that breaks off throws, and the page sees no `done`.
static async IAsyncEnumerable<SseItem<string>> PiecesAsync(IChatClient chat, string message, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
{
    await foreach (var update in chat.GetStreamingResponseAsync(message, cancellationToken: cancellationToken))
        if (update.Text.Length > 0) yield return new SseItem<string>(update.Text);
    yield return new SseItem<string>("", "done");
}

internal sealed record Question(string Message);

internal sealed record Reply(string Text, string Provider, long? Tokens);

internal sealed record Mood(string Feeling, double Confidence);
