using System.Text;

namespace GatewayOps.Emulator.Upstreams.Simulation;

/// <summary>
/// The one model behind every dialect. It repeats what the user said, calls a tool that the text asks for, and fills a schema that it is given.
/// It is deterministic: no randomness, no clock.
/// </summary>
public static class SimulatedModel
{
    /// <summary>Characters of the user's text that are repeated.</summary>
    private const int EchoLength = 2000;

    /// <param name="who">Named in the answer: `openai/gpt-4o-mini`.</param>
    /// <param name="choice">From 0, where a request asks for several answers: the further ones say which they are.</param>
    /// <exception cref="SchemaSampleException">A schema asks for more than the simulator can promise.</exception>
    public static Answer Answer(Conversation conversation, string who, int choice = 0)
    {
        var prompt = PromptTokens(conversation);
        var thinking = Thinking.TokensOf(conversation);
        if (conversation.MaxTokens < thinking)
            thinking = conversation.MaxTokens.Value; // it thought until its budget was gone and says nothing
        var thought = thinking > 0 ? Thinking.TextOf(conversation) : "";

        if (ToolDemand.Of(conversation) is { Count: > 0 } tools)
        {
            var calls = tools.Select((tool, index) => Call(conversation, tool, index)).ToArray();
            var spent = calls.Sum(call => SimulatedTokens.Count(call.Name) + SimulatedTokens.Count(call.Arguments));
            return new Answer("", calls, thought, Ending.ToolCalls, null, new TokenTally(prompt, thinking + spent, thinking));
        }

        var (text, stop) = CutAtStop(TextOf(conversation, who, choice), conversation.Stops);
        var length = SimulatedTokens.Count(text);
        var room = conversation.MaxTokens is { } most ? Math.Max(0, most - thinking) : int.MaxValue;
        if (length <= room)
            return new Answer(text, [], thought, stop is null ? Ending.Complete : Ending.StopSequence, stop, new TokenTally(prompt, thinking + length, thinking));
        return new Answer(text[..SimulatedTokens.LengthOf(text, room)], [], thought, Ending.Length, null, new TokenTally(prompt, thinking + room, thinking));
    }

    public static int PromptTokens(Conversation conversation)
    {
        var tokens = 0;
        for (var at = 0; at < conversation.Turns.Count; at++)
            tokens += TokensOf(conversation.Turns[at]);
        return tokens;
    }

    public static int TokensOf(in Turn turn) =>
        SimulatedTokens.PerMessage + SimulatedTokens.Count(turn.Text) + turn.Attachments * SimulatedTokens.PerAttachment;

    private static string TextOf(Conversation conversation, string who, int choice)
    {
        if (conversation.Schema is { } schema)
            return WireJson.Text(SchemaSample.Of(schema));
        var speaker = choice == 0 ? $"[{who}]" : $"[{who} #{choice + 1}]";
        var said = conversation.Turns is [.., { Speaker: Speaker.Tool }]
            ? $"{speaker} {ToolsSaid(conversation.Turns)}"
            : $"{speaker} You said: {Beginning(conversation.LastUserText)}";
        return conversation.JsonObject ? WireJson.Bytes(said, static (json, text) =>
        {
            json.WriteStartObject();
            json.WriteString("answer"u8, text);
            json.WriteEndObject();
        }).AsText() : said;
    }

    private static string AsText(this byte[] utf8) => Encoding.UTF8.GetString(utf8);

    private static string ToolsSaid(IReadOnlyList<Turn> turns)
    {
        var first = turns.Count;
        while (first > 0 && turns[first - 1].Speaker == Speaker.Tool)
            first--;
        return first == turns.Count - 1
            ? $"The tool said: {Beginning(turns[first].Text)}"
            : $"The tools said: {Beginning(string.Join("; ", turns.Skip(first).Select(turn => turn.Text)))}";
    }

    private static string Beginning(string text)
    {
        if (text.Length <= EchoLength)
            return text;
        // Not between the two halves of one character.
        return text[..(char.IsHighSurrogate(text[EchoLength - 1]) ? EchoLength - 1 : EchoLength)];
    }

    private static (string Text, string? Stop) CutAtStop(string text, IReadOnlyList<string> stops)
    {
        string? met = null;
        foreach (var stop in stops)
        {
            if (stop.Length > 0 && text.IndexOf(stop, StringComparison.Ordinal) is >= 0 and var at)
                (text, met) = (text[..at], stop);
        }
        return (text, met);
    }

    private static ToolCall Call(Conversation conversation, Tool tool, int index)
    {
        var id = Fingerprint.Of($"{index}\n{tool.Name}\n{conversation.Turns.Count}\n{conversation.LastUserText}")[..24];
        if (tool.FreeForm)
            return new ToolCall(id, tool.Name, Beginning(conversation.LastUserText), FreeForm: true);
        return new ToolCall(id, tool.Name, tool.Parameters is { } schema ? WireJson.Text(SchemaSample.Of(schema)) : "{}");
    }
}
