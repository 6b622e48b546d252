using System.Text.Json.Nodes;
using GatewayOps.Client;
using Microsoft.Extensions.AI;

namespace GatewayOps.Cli.Chat;

/// <summary>What was said, and what it cost so far.</summary>
internal sealed class Conversation
{
    private readonly List<ChatMessage> _messages = [];

    /// <summary>What the model is told before all else; null for nothing.</summary>
    public string? System { get; set; }

    /// <summary>What was said, oldest first, without <see cref="System"/>.</summary>
    public IReadOnlyList<ChatMessage> Messages => _messages;

    public int Turns { get; private set; }
    public long Tokens { get; private set; }

    /// <summary>US dollars of the turns whose cost is known.</summary>
    public decimal Cost { get; private set; }

    /// <summary>Turns whose cost is not known.</summary>
    public int Unpriced { get; private set; }

    /// <summary>All that the model is shown with a new message.</summary>
    public IReadOnlyList<ChatMessage> With(string text)
    {
        IEnumerable<ChatMessage> all = [.. _messages, new ChatMessage(ChatRole.User, text)];
        return [.. System is null ? all : all.Prepend(new ChatMessage(ChatRole.System, System))];
    }

    public void Add(string asked, string answered)
    {
        _messages.Add(new ChatMessage(ChatRole.User, asked));
        if (answered.Length > 0)
        {
            _messages.Add(new ChatMessage(ChatRole.Assistant, answered));
        }
    }

    /// <summary>Takes the last turn back, and gives what was asked; null where nothing was.</summary>
    public string? TakeBack()
    {
        var at = _messages.FindLastIndex(message => message.Role == ChatRole.User);
        if (at < 0)
        {
            return null;
        }

        var asked = _messages[at].Text;
        _messages.RemoveRange(at, _messages.Count - at);
        return asked;
    }

    /// <summary>Forgets what was said. What it cost stays.</summary>
    public void Clear() => _messages.Clear();

    /// <param name="usage">Null where the answer ended before it told.</param>
    /// <param name="cost">US dollars; null where they are not known.</param>
    public void Count(GatewayUsage? usage, decimal? cost)
    {
        Turns++;
        Tokens += usage?.TotalTokens ?? 0;
        Cost += cost ?? 0;
        Unpriced += cost is null ? 1 : 0;
    }

    public JsonObject ToJson(string model) => new()
    {
        ["model"] = model,
        ["messages"] = new JsonArray([.. (System is null ? _messages : _messages.Prepend(new ChatMessage(ChatRole.System, System))).Select(message => new JsonObject { ["role"] = message.Role.Value, ["content"] = message.Text })]),
    };
}
