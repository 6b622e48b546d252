using System.Text.Json.Nodes;

namespace GatewayOps.Cloudflare.Logs;

[Flags]
public enum LogMarks { None = 0, Feedback = 1, Score = 2, Metadata = 4 }

/// <summary>What to write to an entry: null leaves a mark as it is, `Clear` takes it away. Feedback is -1 or 1, score 0 to 100, metadata flat.</summary>
public sealed record LogPatch
{
    public decimal? Feedback { get; init; }
    public decimal? Score { get; init; }

    /// <summary>Strings, numbers and booleans.</summary>
    public IReadOnlyDictionary<string, JsonValue>? Metadata { get; init; }
    public LogMarks Clear { get; init; }

    internal JsonObject ToJson()
    {
        var fields = new JsonObject();
        Add(fields, "feedback", Feedback, LogMarks.Feedback);
        Add(fields, "score", Score, LogMarks.Score);
        Add(fields, "metadata", Metadata is null ? null : new JsonObject(Metadata.Select(member => KeyValuePair.Create(member.Key, (JsonNode?)member.Value.DeepClone()))), LogMarks.Metadata);
        return fields;
    }

    private void Add(JsonObject fields, string name, JsonNode? value, LogMarks mark)
    {
        if (value is not null || Clear.HasFlag(mark)) fields[name] = Clear.HasFlag(mark) ? null : value;
    }
}
