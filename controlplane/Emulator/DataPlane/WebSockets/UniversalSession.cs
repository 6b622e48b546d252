using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Emulator.DataPlane.Universal;
using GatewayOps.Emulator.Upstreams;

namespace GatewayOps.Emulator.DataPlane.WebSockets;

/// <summary>
/// `universal.create` over one socket (contract 14). A plain answer is one `universal.created`; a stream is `universal.created` without a response,
/// `universal.stream` for each event and `universal.done`. What was not understood is `universal.error`, which is ours: the contract has no word for it.
/// </summary>
/// <param name="opened">The request that opened the socket: each message is a request of its own with the same caller and headers.</param>
public sealed class UniversalSession(GatewayDoor door, Arrival opened, IHeaderDictionary headers)
{
    /// <summary>Requests that run at the same time on one socket; the next message is read when one of them is over.</summary>
    public const int MostAtOnce = 32;

    public async Task RunAsync(SocketChannel channel, CancellationToken gone)
    {
        var running = new List<Task>();
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(gone);
        try
        {
            while (await channel.ReadAsync(gone) is { } message)
            {
                running.Add(AnswerAsync(channel, message, ended.Token));
                if (running.Count >= MostAtOnce)
                    await Task.WhenAny(running);
                foreach (var over in running.FindAll(task => task.IsCompleted))
                {
                    running.Remove(over);
                    await over;
                }
            }
        }
        finally
        {
            await ended.CancelAsync();
            await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task AnswerAsync(SocketChannel channel, byte[] message, CancellationToken gone)
    {
        var (step, eventId, error) = Read(message);
        var arrival = Arrival.Of(opened.Caller, CallSurface.WebSocket, headers);
        var id = eventId ?? arrival.EventId;
        if (step is null)
        {
            await channel.SendAsync(Message("universal.error", new JsonObject { ["eventId"] = id }, JsonNode.Parse(error!.Body())), gone);
            return;
        }
        step = step with { Directives = step.Directives with { EventId = id } };
        await using var answer = await door.RunAsync(arrival, step.Wish(arrival, 0), gone);
        answer.Settle();
        var metadata = Metadata(answer, id);
        if (!answer.IsStream)
        {
            await channel.SendAsync(Message("universal.created", metadata, Response(answer.Whole)), gone);
            return;
        }
        await channel.SendAsync(Message("universal.created", metadata, response: null), gone);
        try
        {
            var events = new EventSplitter();
            await foreach (var piece in answer.PiecesAsync(gone))
                foreach (var data in events.Add(piece.Span))
                    if (data != "[DONE]")
                        await channel.SendAsync(Message("universal.stream", new JsonObject { ["eventId"] = id }, Response(Encoding.UTF8.GetBytes(data))), gone);
        }
        catch (UpstreamUnreachableException)
        {
            // A stream that was cut never looks finished: it has no `universal.done`.
            await channel.SendAsync(Message("universal.error", new JsonObject { ["eventId"] = id }, JsonNode.Parse(GatewayError.NoAnswer.Body())), gone);
            return;
        }
        await channel.SendAsync(Message("universal.done", metadata.DeepClone().AsObject(), response: null), gone);
    }

    private static (UniversalStep? Step, string? EventId, GatewayError? Error) Read(byte[] message)
    {
        try
        {
            using var document = JsonDocument.Parse(message);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
                return (null, null, GatewayError.BadInput("Expected object"));
            if (!root.TryGetProperty("request", out var request) || request.ValueKind != JsonValueKind.Object)
                return (null, null, GatewayError.BadInput("Required", "request"));
            var eventId = request.TryGetProperty("eventId", out var id) && id.ValueKind == JsonValueKind.String ? id.GetString() : null;
            if (!root.TryGetProperty("type", out var type) || type.ValueKind != JsonValueKind.String || type.GetString() != "universal.create")
                return (null, eventId, GatewayError.BadInput("Expected 'universal.create'", "type"));
            var (step, error) = UniversalStep.Read(request, "request");
            return (step, eventId, error);
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException)
        {
            return (null, null, GatewayError.BadInput("Invalid JSON"));
        }
    }

    private static JsonObject Metadata(CallAnswer answer, string eventId)
    {
        var metadata = new JsonObject();
        if (answer.CacheStatus is { } status)
            metadata["cacheStatus"] = status;
        metadata["eventId"] = eventId;
        if (answer.LogId is { } log)
            metadata["logId"] = log;
        metadata["step"] = answer.Step.ToString();
        metadata["contentType"] = UpstreamReply.ContentTypeOf(answer.Headers)?.Split(';')[0];
        return metadata;
    }

    private static JsonObject Message(string type, JsonObject metadata, JsonNode? response)
    {
        var message = new JsonObject { ["type"] = type, ["metadata"] = metadata };
        if (response is not null)
            message["response"] = response;
        return message;
    }

    /// <summary>JSON where it is JSON, else a text.</summary>
    private static JsonNode Response(byte[] body)
    {
        try
        {
            return JsonNode.Parse(body) ?? JsonValue.Create("");
        }
        catch (JsonException)
        {
            return JsonValue.Create(Encoding.UTF8.GetString(body));
        }
    }
}
