using Microsoft.Extensions.AI;

namespace GatewayOps.Client.WorkersAi;

/// <summary>A conversation as one prompt. Source: checklist S4-10.</summary>
public static class WorkersAiPrompt
{
    /// <summary>
    /// `SYSTEM: …\n\nUSER: …\n\nASSISTANT: …`, and `ASSISTANT:` at the end, where the model goes on; texts without white space at their ends. Throws <see cref="NotSupportedException"/> for
    /// what is no text.
    /// </summary>
    /// <param name="messages">What was said; 1 or more.</param>
    public static string Of(IEnumerable<ChatMessage> messages)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var parts = messages.Select(message => $"{message.Role.Value.ToUpperInvariant()}: {Text(message)}").ToList();
        if (parts.Count == 0) throw new ArgumentException("a prompt needs a message", nameof(messages));
        return string.Join("\n\n", parts.Append("ASSISTANT:"));
    }

    private static string Text(ChatMessage message) =>
        message.Contents.FirstOrDefault(part => part is not (TextContent or UsageContent or TextReasoningContent)) is { } other
            ? throw new NotSupportedException($"A prompt cannot hold {other.GetType().Name}: send messages (WorkersAiInput.Messages)")
            : message.Text.Trim();
}
