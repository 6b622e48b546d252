using System.Text.RegularExpressions;

namespace GatewayOps.Emulator.Upstreams.Simulation;

/// <summary>
/// Which tools a turn calls: the one that is demanded; with a free choice every one that the user's text asks for, by its name or by every word
/// of the name but the leading one (`get_weather`: "weather"), unless a tool has just answered; where a call is required, at least the first.
/// </summary>
public static partial class ToolDemand
{
    public static IReadOnlyList<Tool> Of(Conversation conversation)
    {
        if (conversation.Tools.Count == 0 || conversation.ToolUse == ToolUse.Never)
            return [];
        if (conversation.DemandedTool is { } named)
            return [conversation.Tools.First(tool => tool.Name == named)];

        var asked = conversation.Turns is [.., { Speaker: Speaker.User }]
            ? conversation.Tools.Where(tool => AsksFor(conversation.LastUserText, tool.Name)).ToArray()
            : [];
        if (asked.Length == 0)
            return conversation.ToolUse == ToolUse.Required ? [conversation.Tools[0]] : [];
        return conversation.ParallelCalls ? asked : [asked[0]];
    }

    private static bool AsksFor(string text, string tool)
    {
        if (text.Contains(tool, StringComparison.OrdinalIgnoreCase))
            return true;
        var words = NameWord().Matches(tool).Select(match => match.Value).ToArray();
        var telling = words.Length > 1 ? words[1..] : words;
        return telling.Length > 0 && Array.TrueForAll(telling, word => text.Contains(word, StringComparison.OrdinalIgnoreCase));
    }

    [GeneratedRegex("[A-Z]?[a-z]+|[A-Z]+|[0-9]+", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex NameWord();
}
