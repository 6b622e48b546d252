using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using GatewayOps.Cloudflare.Http;

namespace GatewayOps.Cloudflare.Billing;

/// <summary>`/accounts/{id}/ai-gateway/billing`: Unified Billing. Cloudflare refuses some of it to API tokens. Source: Cloudflare contract, section 8.</summary>
public sealed class BillingClient
{
    private readonly Transport _transport;

    internal BillingClient(Transport transport) => _transport = transport;

    public Task<CreditBalance> CreditBalanceAsync(CancellationToken cancellationToken) =>
        _transport.SendAsync(_transport.To(Endpoints.Billing.CreditBalance), CreditBalance.Read, cancellationToken);

    /// <summary>`type` is auto, manual or all; null leaves it to Cloudflare.</summary>
    public async IAsyncEnumerable<Invoice> ListInvoicesAsync(string? type, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var previous = "";
        for (var page = 1; ; page++)
        {
            var call = _transport.To(Endpoints.Billing.InvoiceHistory).And("type", type).And("page", page == 1 ? null : (long)page);
            var (text, invoices, more) = await _transport.SendAsync(
                call, result => (result.GetRawText(), result.Items("invoices").Select(Invoice.Read).ToList(), result.Member("pagination").Flag("has_more") ?? false), cancellationToken);
            // The documents know no parameter for pages: an answer that stays the same was the whole list.
            if (invoices.Count == 0 || text == previous) yield break;
            foreach (var invoice in invoices) yield return invoice;
            if (!more) yield break;
            previous = text;
        }
    }

    public Task<InvoicePreview> PreviewInvoiceAsync(CancellationToken cancellationToken) =>
        _transport.SendAsync(_transport.To(Endpoints.Billing.InvoicePreview), InvoicePreview.Read, cancellationToken);

    /// <summary>What was used, by day or by hour, within the time given.</summary>
    public Task<IReadOnlyList<UsageSlice>> UsageAsync(bool byHour, DateTimeOffset? from, DateTimeOffset? until, CancellationToken cancellationToken) =>
        _transport.SendAsync<IReadOnlyList<UsageSlice>>(
            _transport.To(Endpoints.Billing.UsageHistory).And("value_grouping_window", byHour ? "hour" : "day")
                .And("start_time", from?.ToUnixTimeMilliseconds()).And("end_time", until?.ToUnixTimeMilliseconds()),
            result => [.. result.Items("history").Select(UsageSlice.Read)], cancellationToken);

    public Task<SpendingLimit> SpendingLimitAsync(CancellationToken cancellationToken) =>
        _transport.SendAsync(_transport.To(Endpoints.Billing.SpendingLimit), SpendingLimit.Read, cancellationToken);

    /// <summary>Deprecated: Cloudflare answers Permission. `duration` is daily, weekly or monthly, `strategy` fixed or sliding.</summary>
    public Task SetSpendingLimitAsync(decimal amount, string duration, string strategy, CancellationToken cancellationToken) =>
        _transport.SendAsync(
            _transport.To(Endpoints.Billing.SetSpendingLimit).With(new JsonObject { ["amount"] = amount, ["duration"] = duration, ["strategy"] = strategy }), cancellationToken);

    /// <summary>False when there was none.</summary>
    public Task<bool> DeleteSpendingLimitAsync(CancellationToken cancellationToken) => _transport.DeleteAsync(_transport.To(Endpoints.Billing.DeleteSpendingLimit), cancellationToken);

    /// <summary>Buys credits for 1000 cents or more, with the account's own payment method when none is named. It charges a card: an ambiguous failure is to be looked up, never repeated.</summary>
    public Task<TopUp> TopUpAsync(int cents, string? paymentMethodId, CancellationToken cancellationToken)
    {
        var fields = new JsonObject { ["amount"] = cents };
        if (paymentMethodId is not null) fields["payment_method_id"] = paymentMethodId;
        return _transport.SendAsync(_transport.To(Endpoints.Billing.TopUp).With(fields), TopUp.Read, cancellationToken);
    }

    /// <summary>Whether the payment is completed; pending otherwise.</summary>
    public Task<bool> IsTopUpCompletedAsync(string paymentIntentId, CancellationToken cancellationToken) =>
        _transport.SendAsync(_transport.To(Endpoints.Billing.TopUpStatus).With(new JsonObject { ["payment_intent_id"] = paymentIntentId }), result => result.RequiredText("status") == "completed", cancellationToken);

    /// <summary>Null when the account has never topped up by hand, so that there is nothing to configure.</summary>
    public Task<TopUpConfig?> FindTopUpConfigAsync(CancellationToken cancellationToken) =>
        _transport.FindAsync(_transport.To(Endpoints.Billing.TopUpConfig), TopUpConfig.Read, cancellationToken);

    /// <summary>`amount` is 1000 cents or more, `threshold` 500 or more. Refused to API tokens.</summary>
    public Task<TopUpConfig> SetTopUpConfigAsync(int amount, int threshold, CancellationToken cancellationToken) =>
        _transport.SendAsync(_transport.To(Endpoints.Billing.SetTopUpConfig).With(new JsonObject { ["amount"] = amount, ["threshold"] = threshold }), TopUpConfig.Read, cancellationToken);

    /// <summary>False when there was none.</summary>
    public Task<bool> DeleteTopUpConfigAsync(CancellationToken cancellationToken) => _transport.DeleteAsync(_transport.To(Endpoints.Billing.DeleteTopUpConfig), cancellationToken);
}
