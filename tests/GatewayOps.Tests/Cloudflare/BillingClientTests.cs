using GatewayOps.Cloudflare;
using GatewayOps.Cloudflare.Billing;

namespace GatewayOps.Tests.Cloudflare;

public sealed class BillingClientTests
{
    [Theory]
    [InlineData("""{"balance":-0.25,"has_default_payment_method":true,"payment_method":{"brand":"visa","last4":"4242"},"topup_config":{"amount":2000,"threshold":500,"disabledReason":null,"lastFailedAt":1767225600000},"first_topup_success":true}""", "4242")]
    [InlineData("""{"balance":-0.25,"has_default_payment_method":true,"payment_method":null,"topup_config":{"amount":2000,"threshold":500,"lastFailedAt":1767225600}}""", null)]
    public async Task CreditBalance_WithAndWithoutACard_IsRead(string wire, string? lastFour)
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Ok(wire));
        var balance = await stub.Client().Billing.CreditBalanceAsync(CancellationToken.None);
        Assert.Equal((-0.25m, true, lastFour, 2000m), (balance.Balance, balance.HasPaymentMethod, balance.CardLastFour, balance.TopUp.Amount));
        // Seconds or milliseconds: the documents do not say which.
        Assert.Equal(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), balance.TopUp.LastFailedAt);
        Assert.Equal("GET ai-gateway/billing/credit-balance", stub.Asked);
    }

    [Fact]
    public async Task Invoices_WithMore_AreAskedForUntilTheEnd()
    {
        static Answer Page(string id, bool more) => Answer.Ok(
            $$"""{"invoices":[{"id":"{{id}}","amount_due":100,"amount_paid":0,"amount_remaining":100,"currency":"usd","status":"open","created":1767225600}],"pagination":{"has_more":{{(more ? "true" : "false")}},"page":1,"per_page":1,"total_count":2} }""");
        await using var stub = await StubCloudflare.StartAsync(Page("in_1", true), Page("in_2", false));
        var invoices = await stub.Client(held: false).Billing.ListInvoicesAsync("manual", CancellationToken.None).AllAsync();
        Assert.Equal(["in_1", "in_2"], invoices.Select(invoice => invoice.Id));
        Assert.Equal(["GET ai-gateway/billing/invoice-history?type=manual", "GET ai-gateway/billing/invoice-history?type=manual&page=2"], stub.Requests.Select(seen => seen.ToString()));
    }

    [Fact]
    public async Task Preview_HasLines()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Ok(
            """{"id":"in","amount_due":7,"amount_paid":0,"amount_remaining":7,"currency":"usd","status":"draft","period_start":1767225600,"period_end":1767312000,"invoice_lines":[{"amount":7,"currency":"usd","description":null,"period":{"start":1767225600,"end":1767312000},"pricing":{"unit_amount_decimal":"0.001"},"quantity":7000}]}"""));
        var preview = await stub.Client().Billing.PreviewInvoiceAsync(CancellationToken.None);
        Assert.Equal(("draft", TimeSpan.FromDays(1)), (preview.Invoice.Status, preview.PeriodEnd - preview.PeriodStart));
        Assert.Equal((7m, 7000m, "0.001", null), (preview.Lines[0].Amount, preview.Lines[0].Quantity, preview.Lines[0].UnitAmount, preview.Lines[0].Description));
    }

    [Fact]
    public async Task Usage_AsksInMilliseconds()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Ok("""{"history":[{"id":"u","aggregated_value":1.5,"start_time":1767225600000,"end_time":1767229200000}]}"""));
        var slice = Assert.Single(await stub.Client().Billing.UsageAsync(byHour: true, DateTimeOffset.UnixEpoch.AddSeconds(1), DateTimeOffset.UnixEpoch.AddSeconds(2), CancellationToken.None));
        Assert.Equal((1.5m, TimeSpan.FromHours(1)), (slice.Value, slice.End - slice.Start));
        Assert.Equal("GET ai-gateway/billing/usage-history?value_grouping_window=hour&start_time=1000&end_time=2000", stub.Asked);
    }

    [Fact]
    public async Task SpendingLimit_IsReadButNotSet()
    {
        await using var stub = await StubCloudflare.StartAsync((seen, _) => seen.Method switch
        {
            "GET" => Answer.Ok("""{"enabled":false,"config":{"amount":null,"duration":null,"strategy":null}}"""),
            "DELETE" => Answer.Ok("null"),
            _ => new Answer(403, """{"success":false,"errors":[{"message":"spending limits are deprecated"}]}"""),
        });
        var billing = stub.Client().Billing;
        Assert.Equal(new SpendingLimit(false, null, null, null), await billing.SpendingLimitAsync(CancellationToken.None));
        Assert.Equal(CloudflareErrorKind.Permission, (await billing.SetSpendingLimitAsync(5, "daily", "fixed", CancellationToken.None).FailureAsync()).Kind);
        Assert.True(await billing.DeleteSpendingLimitAsync(CancellationToken.None));
        Assert.Equal("""POST ai-gateway/billing/spending-limit {"amount":5,"duration":"daily","strategy":"fixed"}""", stub.Requests[1].ToString());
    }

    [Fact]
    public async Task TopUp_AnswerLost_IsNeverRepeated()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Dropped);
        Assert.True((await stub.Client().Billing.TopUpAsync(1000, null, CancellationToken.None).FailureAsync()).IsAmbiguous);
        Assert.Single(stub.Requests);
    }

    [Fact]
    public async Task TopUp_ItsSecret_IsNotPrinted()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Ok("""{"client_secret":"canary","onboarding":true,"payment_intent_id":"pi"}"""), Answer.Ok("""{"payment_intent_id":"pi","status":"pending"}"""), Answer.Ok("""{"payment_intent_id":"pi","status":"completed"}"""));
        var billing = stub.Client().Billing;
        var topUp = await billing.TopUpAsync(2500, "pm_1", CancellationToken.None);
        Assert.Equal("canary", topUp.ClientSecret);
        Assert.DoesNotContain("canary", topUp.ToString(), StringComparison.Ordinal);
        Assert.False(await billing.IsTopUpCompletedAsync("pi", CancellationToken.None));
        Assert.True(await billing.IsTopUpCompletedAsync("pi", CancellationToken.None));
        Assert.Equal(["""POST ai-gateway/billing/topup {"amount":2500,"payment_method_id":"pm_1"}""", """POST ai-gateway/billing/topup/status {"payment_intent_id":"pi"}"""], stub.Requests.Take(2).Select(seen => seen.ToString()));
    }

    [Fact]
    public async Task TopUpConfig_NeverToppedUp_IsNull()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Error(400, 1000, "NO_MANUAL_TOPUP"), Answer.Ok("""{"amount":2000,"threshold":500}"""), Answer.Ok("null"));
        var billing = stub.Client().Billing;
        Assert.Null(await billing.FindTopUpConfigAsync(CancellationToken.None));
        Assert.Equal(new TopUpConfig(2000, 500), await billing.SetTopUpConfigAsync(2000, 500, CancellationToken.None));
        Assert.True(await billing.DeleteTopUpConfigAsync(CancellationToken.None));
        Assert.Equal(["GET ai-gateway/billing/topup/config", """POST ai-gateway/billing/topup/config {"amount":2000,"threshold":500}""", "DELETE ai-gateway/billing/topup/config"], stub.Requests.Select(seen => seen.ToString()));
    }
}
