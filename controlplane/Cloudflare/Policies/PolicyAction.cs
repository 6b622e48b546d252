using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Cloudflare.Http;

namespace GatewayOps.Cloudflare.Policies;

/// <summary>What a policy does with a request that it is about.</summary>
public abstract record PolicyAction
{
    private PolicyAction()
    {
    }

    public sealed record NoLimit : PolicyAction;

    /// <summary>`Except`: blocks all that the policy is not about.</summary>
    public sealed record Block(bool Except = false) : PolicyAction;

    /// <summary>`Amount` USD, more than 0, per `Period`: hourly, daily, weekly or monthly.</summary>
    public sealed record Limit(decimal Amount, string Period) : PolicyAction;

    /// <summary>One that this client does not know; it goes back as it came.</summary>
    public sealed record Other(JsonObject Fields) : PolicyAction;

    internal JsonObject ToJson() => this switch
    {
        NoLimit => new() { ["type"] = "no-limit" },
        Block { Except: false } => new() { ["type"] = "block" },
        Block => new() { ["type"] = "block", ["except"] = true },
        Limit limit => new() { ["type"] = "limit", ["amount"] = limit.Amount, ["period"] = limit.Period, ["technique"] = "named-interval" },
        Other other => other.Fields.DeepClone().AsObject(),
        _ => throw new InvalidOperationException("no such action"),
    };

    internal static PolicyAction? Read(JsonElement element) => element.Text("type") switch
    {
        "no-limit" => new NoLimit(),
        "block" => new Block(element.Flag("except") ?? false),
        "limit" when element.Decimal("amount") is { } amount && element.Text("period") is { } period => new Limit(amount, period),
        _ => element.ValueKind == JsonValueKind.Object ? new Other(element.Fields()) : null,
    };
}
