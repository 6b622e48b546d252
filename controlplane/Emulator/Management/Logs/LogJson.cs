using System.Text;
using System.Text.Json.Nodes;
using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.Management.Logs;

/// <summary>Log rows as answers show them: the row of a list, and the detail with the heads of the bodies.</summary>
public static class LogJson
{
    /// <summary>Bytes of a body that the detail shows.</summary>
    private const int HeadBytes = 1024;

    public static JsonObject Row(LogRow row)
    {
        var json = Facts(row);
        if (row.TokensIn is not null || row.TokensOut is not null)
            json["usage_metadata"] = Usage(row);
        if (row.Guardrails is { } guardrails)
            json["guardrails"] = JsonNode.Parse(guardrails);
        if (row.DlpAction is { } action)
            json["dlp_action"] = action;
        if (row.DlpProfiles is { } profiles)
            json["dlp_profiles"] = JsonNode.Parse(profiles);
        return json;
    }

    private static JsonObject Facts(LogRow row) => new()
    {
        ["id"] = row.Id,
        ["created_at"] = JsonText.Time(row.CreatedAt),
        ["provider"] = row.Provider,
        ["model"] = row.Model,
        ["model_type"] = row.ModelType,
        ["path"] = row.Path,
        ["status_code"] = row.StatusCode,
        ["success"] = row.Success,
        ["cached"] = row.Cached,
        ["duration"] = row.Duration,
        ["tokens_in"] = row.TokensIn,
        ["tokens_out"] = row.TokensOut,
        ["cost"] = row.Cost,
        ["custom_cost"] = row.CustomCost,
        // A text that is JSON, as the real service stores it.
        ["metadata"] = row.Metadata ?? "{}",
        ["request_type"] = row.RequestType,
        ["request_content_type"] = row.RequestContentType,
        ["response_content_type"] = row.ResponseContentType,
        ["step"] = row.Step,
        ["event_id"] = row.EventId,
        ["feedback"] = row.Feedback,
        ["score"] = row.Score,
        ["user_agent"] = row.UserAgent,
        ["authentication"] = row.Authentication,
        ["wholesale"] = row.Wholesale,
        ["byok"] = row.Byok,
        ["compatibilityMode"] = row.CompatibilityMode,
        ["timings"] = new JsonObject { ["total"] = row.Duration, ["latency"] = row.Latency ?? row.Duration },
        // The bodies have addresses of their own.
        ["request"] = "",
        ["response"] = "",
    };

    private static JsonObject Usage(LogRow row)
    {
        var usage = new JsonObject
        {
            ["input_tokens"] = row.TokensIn ?? 0,
            ["output_tokens"] = row.TokensOut ?? 0,
            ["total_tokens"] = (row.TokensIn ?? 0) + (row.TokensOut ?? 0),
            ["output_reasoning_tokens"] = row.ReasoningTokens,
            ["input_cached_tokens"] = row.CachedTokens,
        };
        if (row.Neurons is { } neurons)
            usage["neurons"] = neurons;
        return usage;
    }

    public static JsonObject Detail(LogRow row)
    {
        var json = Row(row);
        AddHead(json, "request", row.RequestBody, row.RequestSize);
        AddHead(json, "response", row.ResponseBody, row.ResponseSize);
        return json;
    }

    // A body that the row has outlived has a size and no head.
    private static void AddHead(JsonObject json, string side, byte[]? body, int size)
    {
        var head = Head(body ?? []);
        json[$"{side}_head"] = Encoding.UTF8.GetString(head);
        json[$"{side}_head_complete"] = head.Length == size;
        json[$"{side}_size"] = size;
    }

    // Not in the middle of a character.
    private static ReadOnlySpan<byte> Head(ReadOnlySpan<byte> body)
    {
        if (body.Length <= HeadBytes)
            return body;
        var end = HeadBytes;
        while (end > HeadBytes - 4 && (body[end] & 0xC0) == 0x80)
            end--;
        return body[..end];
    }
}
