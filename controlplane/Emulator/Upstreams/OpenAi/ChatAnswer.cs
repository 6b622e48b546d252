using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace GatewayOps.Emulator.Upstreams.OpenAi;

/// <summary>What the simulated model says to one request; the same request always gets the same answer.</summary>
/// <param name="Text">Null when a tool is called.</param>
/// <param name="FinishReason">stop, length or tool_calls.</param>
/// <param name="ReasoningTokens">Part of <paramref name="CompletionTokens"/>, as on the real API.</param>
public sealed partial record ChatAnswer(
    string? Text, ToolCall? Call, string FinishReason, int PromptTokens, int CompletionTokens, int ReasoningTokens)
{
    /// <summary>The part of the user's text that is repeated.</summary>
    private const int EchoLength = 2000;

    /// <exception cref="SchemaSampleException">A schema in the request asks for more than the simulator can promise.</exception>
    public static ChatAnswer To(ChatRequest request, string provider)
    {
        var prompt = request.Messages.Sum(message =>
            SimulatedTokens.PerMessage + SimulatedTokens.Count(message.Text) + message.Attachments * SimulatedTokens.PerAttachment);
        var reasoning = ReasoningTokensOf(request);

        if (Demanded(request) is { } tool)
        {
            var call = new ToolCall(CallId(request, tool), tool.Name, WireJson.Text(tool.Parameters is { } schema ? SchemaSample.Of(schema) : new JsonObject()));
            var spent = reasoning + SimulatedTokens.Count(call.Name) + SimulatedTokens.Count(call.Arguments);
            return new ChatAnswer(null, call, "tool_calls", prompt, spent, reasoning);
        }

        var text = CutAtStop(TextOf(request, provider), request.Stop);
        var pieces = SimulatedTokens.Split(text).ToList();
        var room = request.MaxTokens is { } most ? Math.Max(0, most - reasoning) : int.MaxValue;
        if (request.MaxTokens < reasoning)
            reasoning = request.MaxTokens.Value; // the model thought until its budget was gone and said nothing
        return pieces.Count <= room
            ? new ChatAnswer(text, null, "stop", prompt, reasoning + pieces.Count, reasoning)
            : new ChatAnswer(string.Concat(pieces.Take(room)), null, "length", prompt, reasoning + room, reasoning);
    }

    private static string TextOf(ChatRequest request, string provider)
    {
        if (request.Schema is { } schema)
            return WireJson.Text(SchemaSample.Of(schema));
        var last = request.Messages[^1];
        var said = last.Role is "tool" or "function"
            ? $"[{provider}/{request.Model}] The tool said: {Beginning(last.Text)}"
            : $"[{provider}/{request.Model}] You said: {Beginning(request.LastUserText)}";
        return request.JsonObject ? WireJson.Text(new JsonObject { ["answer"] = said }) : said;
    }

    private static string Beginning(string text) =>
        text.Length <= EchoLength ? text : string.Concat(text.EnumerateRunes().Take(EchoLength).Select(rune => rune.ToString()));

    private static string CutAtStop(string text, IReadOnlyList<string> stops)
    {
        foreach (var stop in stops)
            if (stop.Length > 0 && text.IndexOf(stop, StringComparison.Ordinal) is >= 0 and var at)
                text = text[..at];
        return text;
    }

    /// <summary>
    /// The tool that this turn calls: the one `tool_choice` names; the first when a call is required; with `auto` the first that the user's text asks for,
    /// by its name or by every word of the name but the leading one (`get_weather`: "weather"), unless a tool has just answered.
    /// </summary>
    private static ChatTool? Demanded(ChatRequest request)
    {
        if (request.Tools.Count == 0 || request.ToolChoice.Mode == "none")
            return null;
        if (request.ToolChoice.Function is { } named)
            return request.Tools.First(tool => tool.Name == named);
        if (request.ToolChoice.Mode == "required")
            return request.Tools[0];
        return request.Messages[^1].Role == "user" ? request.Tools.FirstOrDefault(tool => AsksFor(request.LastUserText, tool.Name)) : null;
    }

    private static bool AsksFor(string text, string tool)
    {
        if (text.Contains(tool, StringComparison.OrdinalIgnoreCase))
            return true;
        var words = NameWord().Matches(tool).Select(match => match.Value).ToArray();
        var telling = words.Length > 1 ? words[1..] : words;
        return telling.Length > 0 && Array.TrueForAll(telling, word => text.Contains(word, StringComparison.OrdinalIgnoreCase));
    }

    private static string CallId(ChatRequest request, ChatTool tool) =>
        "call_" + Digest($"{tool.Name}\n{request.Messages.Count.ToString(CultureInfo.InvariantCulture)}\n{request.LastUserText}")[..24];

    internal static string Digest(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    /// <summary>Models that think before they speak: o1, o3, o4-mini, gpt-5 and its family.</summary>
    private static int ReasoningTokensOf(ChatRequest request) => !ReasoningModel().IsMatch(request.Model)
        ? 0
        : request.ReasoningEffort switch { "none" or "minimal" => 0, "low" => 16, "high" => 128, "xhigh" => 256, _ => 64 };

    [GeneratedRegex(@"^(?:o\d|gpt-5)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ReasoningModel();

    [GeneratedRegex("[A-Z]?[a-z]+|[A-Z]+|[0-9]+", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex NameWord();
}

/// <param name="Arguments">JSON text.</param>
public sealed record ToolCall(string Id, string Name, string Arguments);
