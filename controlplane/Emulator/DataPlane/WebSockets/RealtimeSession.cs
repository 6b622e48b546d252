using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Emulator.State;
using GatewayOps.Emulator.Upstreams;

namespace GatewayOps.Emulator.DataPlane.WebSockets;

/// <summary>
/// A text-only session of OpenAI's realtime API: it takes `session.update`, `conversation.item.create` and `response.create`, and answers each with the
/// provider's events. A response is one provider call through the gateway (a chat completion over the conversation so far), with its limits and its log row.
/// </summary>
public sealed class RealtimeSession(GatewayPipeline pipeline, Arrival opened, GatewayProvider provider, string model)
{
    private readonly JsonArray _messages = [];

    public async Task RunAsync(SocketChannel channel, CancellationToken gone)
    {
        await channel.SendAsync(Event("session.created", ("session", Session())), gone);
        while (await channel.ReadAsync(gone) is { } message)
        {
            if (Read(message) is not { } asked)
                await ErrorAsync(channel, "The message is not a JSON object with a type.", gone);
            else
                await AnswerAsync(channel, asked, gone);
        }
    }

    private Task AnswerAsync(SocketChannel channel, JsonObject asked, CancellationToken gone) => (asked["type"] as JsonValue)?.ToString() switch
    {
        "session.update" => channel.SendAsync(Event("session.updated", ("session", Session())), gone),
        "conversation.item.create" when asked["item"] is JsonObject item => AddAsync(channel, item, gone),
        "response.create" => RespondAsync(channel, gone),
        var other => ErrorAsync(channel, $"The emulated session does not know '{other}'.", gone),
    };

    private Task AddAsync(SocketChannel channel, JsonObject item, CancellationToken gone)
    {
        var role = item["role"] is JsonValue said && said.GetValueKind() == JsonValueKind.String ? said.ToString() : "user";
        var text = string.Concat((item["content"] as JsonArray ?? []).OfType<JsonObject>().Select(part => (part["text"] as JsonValue)?.ToString() ?? ""));
        _messages.Add(new JsonObject { ["role"] = role, ["content"] = text });
        var kept = item.DeepClone().AsObject();
        kept["id"] ??= NewId("item");
        return channel.SendAsync(Event("conversation.item.created", ("item", kept)), gone);
    }

    private async Task RespondAsync(SocketChannel channel, CancellationToken gone)
    {
        var body = new JsonObject { ["model"] = model, ["messages"] = _messages.DeepClone() };
        var arrival = opened with { };
        var target = new CallTarget(provider, "realtime", "chat/completions", "", RequestBody.Of(WireJson.Bytes(body)), Compat: false);
        await using var answer = await pipeline.RunAsync(new ProviderCall(arrival, target, "POST", arrival.Headers, arrival.Directives, Step: 0), gone);
        answer.Settle();
        var completion = JsonNode.Parse(answer.Whole);
        if (!answer.IsSuccess)
        {
            await ErrorAsync(channel, $"The response failed with status {answer.Status}: {Encoding.UTF8.GetString(answer.Whole)}", gone);
            return;
        }
        var text = completion?["choices"]?[0]?["message"]?["content"]?.ToString() ?? "";
        _messages.Add(new JsonObject { ["role"] = "assistant", ["content"] = text });
        var (id, item) = (NewId("resp"), NewId("item"));
        await channel.SendAsync(Event("response.created", ("response", Response(id, "in_progress"))), gone);
        foreach (var word in text.Split(' '))
            await channel.SendAsync(Event("response.output_text.delta", ("response_id", id), ("item_id", item), ("delta", word + " ")), gone);
        await channel.SendAsync(Event("response.output_text.done", ("response_id", id), ("item_id", item), ("text", text)), gone);
        var done = Response(id, "completed");
        done["usage"] = new JsonObject
        {
            ["input_tokens"] = completion!["usage"]?["prompt_tokens"]?.DeepClone(),
            ["output_tokens"] = completion["usage"]?["completion_tokens"]?.DeepClone(),
            ["total_tokens"] = completion["usage"]?["total_tokens"]?.DeepClone(),
        };
        await channel.SendAsync(Event("response.done", ("response", done)), gone);
    }

    private JsonObject Session() => new() { ["type"] = "realtime", ["object"] = "realtime.session", ["id"] = NewId("sess"), ["model"] = model, ["output_modalities"] = new JsonArray("text") };

    private static JsonObject Response(string id, string status) => new() { ["object"] = "realtime.response", ["id"] = id, ["status"] = status };

    private static Task ErrorAsync(SocketChannel channel, string message, CancellationToken gone) => channel.SendAsync(
        Event("error", ("error", new JsonObject { ["type"] = "invalid_request_error", ["message"] = message })), gone);

    private static JsonObject? Read(byte[] message)
    {
        try
        {
            return JsonNode.Parse(message) as JsonObject is { } asked && asked["type"] is JsonValue ? asked : null;
        }
        catch (Exception unreadable) when (unreadable is JsonException or ArgumentException)
        {
            return null; // ArgumentException: a member that is there twice
        }
    }

    private static JsonObject Event(string type, params (string Name, JsonNode? Value)[] members)
    {
        var message = new JsonObject { ["type"] = type, ["event_id"] = NewId("event") };
        foreach (var (name, value) in members)
            message[name] = value;
        return message;
    }

    private static string NewId(string kind) => $"{kind}_{Identifier.NewHex()[..20]}";
}
