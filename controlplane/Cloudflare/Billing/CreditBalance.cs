using System.Text;
using System.Text.Json;
using GatewayOps.Cloudflare.Http;

namespace GatewayOps.Cloudflare.Billing;

/// <summary>What is left of Unified Billing's credits; it may go slightly below 0. The card is known by its brand and last four digits. Source: Cloudflare contract, section 8.</summary>
public sealed record CreditBalance(decimal Balance, bool HasPaymentMethod, string? CardBrand, string? CardLastFour, TopUpConfig TopUp)
{
    public bool? FirstTopUpSucceeded { get; init; }

    internal static CreditBalance Read(JsonElement element) => new(
        element.RequiredDecimal("balance"), element.Flag("has_default_payment_method") ?? false, element.Member("payment_method").Text("brand"), element.Member("payment_method").Text("last4"),
        TopUpConfig.Read(element.Member("topup_config")))
    {
        FirstTopUpSucceeded = element.Flag("first_topup_success"),
    };
}

/// <summary>Automatic top-up: by `Amount` cents as soon as less than `Threshold` cents are left. Both null: off.</summary>
public sealed record TopUpConfig(decimal? Amount, decimal? Threshold)
{
    public string? DisabledReason { get; init; }
    public string? Error { get; init; }
    public DateTimeOffset? LastFailedAt { get; init; }

    internal static TopUpConfig Read(JsonElement element) => new(element.Decimal("amount"), element.Decimal("threshold"))
    {
        DisabledReason = element.Text("disabledReason"),
        Error = element.Text("error"),
        LastFailedAt = element.Time("lastFailedAt"),
    };
}

/// <summary>A payment that was begun. The client secret, which finishes it in a browser, is hidden from ToString.</summary>
public sealed record TopUp(string PaymentIntentId, bool Onboarding, string? ClientSecret)
{
    internal static TopUp Read(JsonElement element) => new(element.RequiredText("payment_intent_id"), element.Flag("onboarding") ?? false, element.Text("client_secret"));

    private bool PrintMembers(StringBuilder text)
    {
        text.Append($"PaymentIntentId = {PaymentIntentId}, Onboarding = {Onboarding}, ClientSecret = {(ClientSecret is null ? "" : "(hidden)")}");
        return true;
    }
}

/// <summary>A limit on what Unified Billing spends. Deprecated: Cloudflare refuses to set one.</summary>
public sealed record SpendingLimit(bool Enabled, decimal? Amount, string? Duration, string? Strategy)
{
    internal static SpendingLimit Read(JsonElement element) => new(
        element.Flag("enabled") ?? false, element.Member("config").Decimal("amount"), element.Member("config").Text("duration"), element.Member("config").Text("strategy"));
}

/// <summary>What was used within one day or hour.</summary>
public sealed record UsageSlice(string Id, decimal Value, DateTimeOffset Start, DateTimeOffset End)
{
    internal static UsageSlice Read(JsonElement element) => new(
        element.Text("id") ?? "", element.RequiredDecimal("aggregated_value"),
        element.Time("start_time") ?? throw new JsonException("`start_time` is missing"), element.Time("end_time") ?? throw new JsonException("`end_time` is missing"));
}
