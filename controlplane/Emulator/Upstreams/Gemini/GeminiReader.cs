using System.Text.Json;
using GatewayOps.Emulator.Upstreams.Simulation;

namespace GatewayOps.Emulator.Upstreams.Gemini;

/// <param name="Candidates">`candidateCount`.</param>
/// <param name="ShowsThoughts">`thinkingConfig.includeThoughts`.</param>
public sealed record GeminiRequest(Conversation Conversation, int Candidates, bool ShowsThoughts);

/// <summary>Reads a generateContent body. Names are taken in camelCase and in snake_case, as Google's JSON mapping of protocol buffers takes them.</summary>
public static class GeminiReader
{
    private const int MostCandidates = 8;

    private static readonly string[] Roles = ["user", "model", "function"];
    private static readonly string[] Levels = ["minimal", "low", "medium", "high"];

    /// <exception cref="RefusedException">The first thing that is wrong.</exception>
    public static GeminiRequest Read(Fields body, string model)
    {
        var turns = new List<Turn>();
        if (body.ObjectOf("systemInstruction") is { } system)
            Parts(system, Speaker.System, turns);
        Contents(body, turns);
        var tools = GeminiTools.Read(body);
        var config = body.ObjectOf("generationConfig");
        var thinking = config?.ObjectOf("thinkingConfig");
        var budget = thinking?.Whole(thinking.Value.NameOf("thinkingBudget"), least: -1);
        var schema = config is { } given ? given.ObjectOf("responseJsonSchema") ?? given.ObjectOf("responseSchema") : null;
        var mimeType = config?.TextOf("responseMimeType");
        if (schema is not null && mimeType is not ("application/json" or "text/x.enum"))
            throw new RefusedException("Function calling with a response mime type: 'text/plain' is unsupported: response_schema needs response_mime_type application/json", "generationConfig.responseMimeType");
        config?.Number("temperature", 0, 2);
        var conversation = new Conversation
        {
            Model = model,
            Turns = turns,
            Tools = tools.Tools,
            ToolUse = tools.Use,
            DemandedTool = tools.Demanded,
            Schema = schema?.Value,
            JsonObject = mimeType == "application/json",
            MaxTokens = config?.Whole(config.Value.NameOf("maxOutputTokens"), least: 1),
            Stops = config?.Texts(config.Value.NameOf("stopSequences")) ?? [],
            Thinks = budget == 0 ? false : null,
            ThinkingBudget = budget is > 0 ? budget : null,
            Effort = thinking?.TextOf("thinkingLevel")?.ToLowerInvariant() is { } level && Levels.Contains(level) ? level : null,
        };
        return new GeminiRequest(
            conversation,
            config?.Whole(config.Value.NameOf("candidateCount"), 1, MostCandidates) ?? 1,
            thinking?.Flag(thinking.Value.NameOf("includeThoughts")) ?? false);
    }

    public static void Contents(Fields body, List<Turn> turns)
    {
        var before = turns.Count;
        // One content alone is taken for a list of one.
        if (body.Has("contents", out var contents) && contents.ValueKind == JsonValueKind.Object)
            Content(Fields.Of(contents, "contents", body.Words), turns);
        else
            foreach (var content in body.Objects("contents"))
                Content(content, turns);
        if (turns.Count == before)
            throw body.Words.Empty("contents");
    }

    /// <summary>The results of functions are turns of their own.</summary>
    public static void Parts(Fields content, Speaker speaker, List<Turn> turns)
    {
        var (texts, attachments, results) = (new List<string>(), 0, 0);
        foreach (var part in content.Objects("parts"))
        {
            if (part.Text("text") is { } text)
            {
                if (part.Flag("thought") != true)
                    texts.Add(text);
            }
            else if (part.ObjectOf("functionResponse") is { } result)
            {
                turns.Add(new Turn(Speaker.Tool, Result(result)));
                results++;
            }
            else if (part.ObjectOf("inlineData") is not null || part.ObjectOf("fileData") is not null)
            {
                attachments++;
            }
        }
        if (texts.Count > 0 || attachments > 0 || results == 0)
            turns.Add(new Turn(speaker, string.Join('\n', texts), attachments));
    }

    private static void Content(Fields content, List<Turn> turns) =>
        Parts(content, content.OneOf("role", Roles) == "model" ? Speaker.Assistant : Speaker.User, turns);

    /// <summary>The text of a result with one text in it, otherwise its JSON.</summary>
    private static string Result(Fields result)
    {
        if (result.ObjectOf("response") is not { } response)
            return "";
        foreach (var member in response.Value.EnumerateObject())
            if (member.Name is "result" or "output" or "content" && member.Value.ValueKind == JsonValueKind.String)
                return member.Value.GetString()!;
        return response.Value.GetRawText();
    }
}
