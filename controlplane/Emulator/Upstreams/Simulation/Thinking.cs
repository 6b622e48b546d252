namespace GatewayOps.Emulator.Upstreams.Simulation;

/// <summary>How long a model thinks before it speaks, and what it thought. Models that think by themselves are known by their names.</summary>
public static class Thinking
{
    private const int Usual = 64;

    // Beginnings of names, without the author: `openai/gpt-5` is `gpt-5`.
    private static readonly string[] Thinkers =
    [
        "o1", "o3", "o4", "gpt-5", "gpt-oss", "deepseek-r1", "deepseek-reasoner", "gemini-2.5", "gemini-3", "grok-4", "grok-3-mini", "qwq", "magistral",
        "sonar-reasoning", "kimi-k2", "glm-5", "glm-4.7",
    ];

    public static int TokensOf(Conversation conversation)
    {
        if (!(conversation.Thinks ?? IsThinker(conversation.Model)))
            return 0;
        var tokens = conversation.Effort switch { "none" or "minimal" => 0, "low" => 16, "high" => 128, "xhigh" or "max" => 256, _ => Usual };
        return conversation.ThinkingBudget is >= 0 and var most ? Math.Min(most, tokens) : tokens;
    }

    public static string TextOf(Conversation conversation) =>
        conversation.Turns is [.., { Speaker: Speaker.Tool }]
            ? "A tool has answered. I pass on what it said."
            : $"The user wrote {SimulatedTokens.Count(conversation.LastUserText)} tokens. I repeat them.";

    public static bool IsThinker(string model)
    {
        var name = model.AsSpan(model.LastIndexOf('/') + 1);
        foreach (var thinker in Thinkers)
            if (name.StartsWith(thinker, StringComparison.Ordinal))
                return true;
        return false;
    }
}
