using System.Text.Json;
using GatewayOps.Emulator.Upstreams.OpenAi;
using GatewayOps.Emulator.Upstreams.Simulation;

namespace GatewayOps.Emulator.Upstreams.Responses;

/// <summary>The Responses API: create (plain and streamed), and what was stored: read, list its input, delete.</summary>
public static class ResponsesOperations
{
    /// <param name="folder">What stands before `responses`, with its slash; or `**/`.</param>
    public static IEnumerable<Operation> At(string folder, ErrorDialect? errors = null)
    {
        var shape = errors ?? OpenAiErrors.OpenAi;
        yield return new("POST", folder + "responses", shape, Create);
        yield return new("POST", folder + "responses/input_tokens", shape, CountTokens);
        yield return new("GET", folder + "responses/*", shape, Find, ReadsJson: false);
        yield return new("DELETE", folder + "responses/*", shape, Delete, ReadsJson: false);
        yield return new("GET", folder + "responses/*/input_items", shape, InputItems, ReadsJson: false);
    }

    private static UpstreamReply Create(SimulatedCall call)
    {
        var request = ResponsesReader.Read(call.Body(OpenAiWords.Instance), call.Provider.Responses);
        var answer = call.Answer(request.Conversation);
        answer = answer with { Tokens = call.Provider.Prompts.Meet(request.Conversation, answer.Tokens) };
        var response = new ResponseObject(call.Digest, call.Now, request, answer);
        if (request.Stored)
            Keep(call, response);
        KeyValuePair<string, string> id = new("x-request-id", $"req_{call.Digest[..32]}");
        return request.Stream ? ResponsesStream.Of(response).ToReply(id) : UpstreamReply.Json(200, Bytes(response), id);
    }

    private static UpstreamReply CountTokens(SimulatedCall call)
    {
        var request = ResponsesReader.Read(call.Body(OpenAiWords.Instance), call.Provider.Responses);
        return UpstreamReply.Json(200, WireJson.Bytes(SimulatedModel.PromptTokens(request.Conversation), static (json, tokens) =>
        {
            json.WriteStartObject();
            json.WriteString("object"u8, "response.input_tokens"u8);
            json.WriteNumber("input_tokens"u8, tokens);
            json.WriteEndObject();
        }));
    }

    private static UpstreamReply Find(SimulatedCall call) => UpstreamReply.Json(200, Stored(call).Json);

    private static UpstreamReply InputItems(SimulatedCall call) => UpstreamReply.Json(200, Stored(call).InputItems);

    private static UpstreamReply Delete(SimulatedCall call)
    {
        var id = Stored(call).Id;
        call.Provider.Responses.Remove(id);
        return UpstreamReply.Json(200, WireJson.Bytes(id, static (json, id) =>
        {
            json.WriteStartObject();
            json.WriteString("id"u8, id);
            json.WriteString("object"u8, "response.deleted"u8);
            json.WriteBoolean("deleted"u8, true);
            json.WriteEndObject();
        }));
    }

    private static StoredResponse Stored(SimulatedCall call) => call.Provider.Responses.Find(call.Captured)
        ?? throw new RefusedException(new Refusal(RefusalKind.NotFound, $"Response with id '{call.Captured}' not found."));

    private static void Keep(SimulatedCall call, ResponseObject response) => call.Provider.Responses.Keep(new StoredResponse(
        response.Id,
        [.. response.Request.Turns, new Turn(Speaker.Assistant, response.Answer.Text)],
        Bytes(response),
        WireJson.Bytes(response, static (json, response) => WriteInputItems(json, response))));

    private static byte[] Bytes(ResponseObject response) => WireJson.Bytes(response, static (json, response) => response.WriteFinished(json));

    private static void WriteInputItems(Utf8JsonWriter json, ResponseObject response)
    {
        var ids = new List<string>();
        json.WriteStartObject();
        json.WriteString("object"u8, "list"u8);
        json.WriteStartArray("data"u8);
        if (response.Request.Body.Has("input", out var input))
        {
            if (input.ValueKind == JsonValueKind.String)
                WriteText(json, NextId(), input.GetString()!);
            else
                foreach (var item in input.EnumerateArray())
                    WriteItem(json, item.TryGetProperty("id", out var own) && own.ValueKind == JsonValueKind.String ? own.GetString()! : null, item);
        }
        json.WriteEndArray();
        json.WriteTextOrNull("first_id"u8, ids.FirstOrDefault());
        json.WriteTextOrNull("last_id"u8, ids.LastOrDefault());
        json.WriteBoolean("has_more"u8, false);
        json.WriteEndObject();

        string NextId()
        {
            ids.Add($"msg_{Fingerprint.Of($"{response.Digest}{ids.Count}")[..48]}");
            return ids[^1];
        }

        void WriteItem(Utf8JsonWriter writer, string? id, JsonElement item)
        {
            writer.WriteStartObject();
            if (id is null)
                writer.WriteString("id"u8, NextId());
            else
                ids.Add(id);
            if (!item.TryGetProperty("type", out _))
                writer.WriteString("type"u8, "message"u8);
            foreach (var member in item.EnumerateObject())
                member.WriteTo(writer);
            writer.WriteEndObject();
        }
    }

    private static void WriteText(Utf8JsonWriter json, string id, string text)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, id);
        json.WriteString("type"u8, "message"u8);
        json.WriteString("status"u8, "completed"u8);
        json.WriteStartArray("content"u8);
        json.WriteStartObject();
        json.WriteString("type"u8, "input_text"u8);
        json.WriteString("text"u8, text);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteString("role"u8, "user"u8);
        json.WriteEndObject();
    }
}
