using System.Text.Json;

namespace GatewayOps.Emulator.Upstreams.Simulation;

/// <summary>What a model is asked, without the dialect that it was asked in. A member that a dialect does not know keeps its default.</summary>
public sealed record Conversation
{
    /// <summary>As the request names it.</summary>
    public required string Model { get; init; }

    /// <summary>System instructions among them, in their order.</summary>
    public required IReadOnlyList<Turn> Turns { get; init; }

    public IReadOnlyList<Tool> Tools { get; init; } = [];

    public ToolUse ToolUse { get; init; }

    /// <summary>The one tool that must be called; it is among <see cref="Tools"/>.</summary>
    public string? DemandedTool { get; init; }

    /// <summary>Several tools may be called in one turn.</summary>
    public bool ParallelCalls { get; init; } = true;

    /// <summary>The answer is JSON that fits this schema.</summary>
    public JsonElement? Schema { get; init; }

    /// <summary>The answer is a JSON object, whatever its members.</summary>
    public bool JsonObject { get; init; }

    /// <summary>Most tokens of the answer, thinking included.</summary>
    public int? MaxTokens { get; init; }

    public IReadOnlyList<string> Stops { get; init; } = [];

    /// <summary>How much a thinking model thinks: none, minimal, low, medium, high, xhigh; null is the model's own measure.</summary>
    public string? Effort { get; init; }

    /// <summary>Thinking asked for or forbidden by the request; null leaves it to the model's nature.</summary>
    public bool? Thinks { get; init; }

    /// <summary>Most tokens of thinking.</summary>
    public int? ThinkingBudget { get; init; }

    /// <summary>The whole text is the prompt, and the answer continues it (legacy completions, `raw` prompts).</summary>
    public bool Continues { get; init; }

    /// <summary>Text of the last turn of the user; empty when there is none.</summary>
    public string LastUserText
    {
        get
        {
            for (var at = Turns.Count - 1; at >= 0; at--)
                if (Turns[at].Speaker == Speaker.User)
                    return Turns[at].Text;
            return "";
        }
    }
}

public enum Speaker
{
    System,
    User,
    Assistant,
    Tool,
}

public enum ToolUse
{
    /// <summary>The model decides.</summary>
    Auto,

    /// <summary>At least one tool must be called.</summary>
    Required,

    /// <summary>No tool may be called.</summary>
    Never,
}

/// <param name="Text">The text parts, joined by a line feed; of a tool, its result.</param>
/// <param name="Attachments">Parts that are not text.</param>
/// <param name="EndsCachedPrefix">The request asks to keep the prompt up to here (Anthropic's `cache_control`).</param>
public readonly record struct Turn(Speaker Speaker, string Text, int Attachments = 0, bool EndsCachedPrefix = false);

/// <param name="Parameters">The schema of the arguments; null for a tool without any.</param>
/// <param name="FreeForm">It takes a text in place of arguments.</param>
public sealed record Tool(string Name, JsonElement? Parameters, bool FreeForm = false);
