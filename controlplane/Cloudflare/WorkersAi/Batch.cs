using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Cloudflare.Http;

namespace GatewayOps.Cloudflare.WorkersAi;

/// <summary>One input of a batch; `Reference` is the caller's own, by which its answer is found.</summary>
public sealed record BatchInput(string Reference, JsonObject Input);

/// <summary>A batch that was taken on.</summary>
public sealed record BatchTicket(string RequestId, string Model, string Status)
{
    internal static BatchTicket Read(JsonElement element, string model) => new(element.RequiredText("request_id"), element.Text("model") ?? model, element.Text("status") ?? "");
}

/// <summary>The answer to one input; order is not promised.</summary>
public sealed record BatchOutput(string Reference, bool Success, JsonElement Result)
{
    internal static BatchOutput Read(JsonElement element) => new(element.Text("external_reference") ?? "", element.Flag("success") ?? false, element.Member("result"));
}

/// <summary>Where a batch stands. `Outputs` is null until it is done.</summary>
public sealed record BatchState(string? Status, IReadOnlyList<BatchOutput>? Outputs, ModelUsage? Usage)
{
    internal static BatchState Read(JsonElement element, Assumptions assumptions)
    {
        if (element.Member("responses") is { ValueKind: JsonValueKind.Array } responses)
            return new(element.Text("status"), [.. responses.EnumerateArray().Select(BatchOutput.Read)], ModelUsage.Read(element.Member("usage")));
        return element.Text("status") is { } status && assumptions.BatchPending.Contains(status) ? new(status, null, null) : throw new JsonException("a batch is pending or has responses");
    }
}
