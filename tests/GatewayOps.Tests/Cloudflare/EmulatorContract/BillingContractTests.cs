using System.Net.Http.Json;
using GatewayOps.Cloudflare;
using GatewayOps.Cloudflare.Billing;
using GatewayOps.Tests.Contract;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Cloudflare.EmulatorContract;

public sealed class BillingContractTests : IAsyncLifetime
{
    private TestEmulator _emulator = null!;
    private BillingClient _billing = null!;

    public async Task InitializeAsync()
    {
        _emulator = await TestEmulator.StartAsync();
        _billing = _emulator.Client().Billing;
        using var card = await _emulator.Admin.PutAsJsonAsync("billing/card", new { brand = "visa", last4 = "4242" });
        Assert.True(card.IsSuccessStatusCode, await card.Content.ReadAsStringAsync());
    }

    public async Task DisposeAsync() => await _emulator.DisposeAsync();

    [Fact, Operation("getCreditBalance", "createTopup", "getTopupStatus", "getInvoiceHistory")]
    public async Task TopUp_Paid_RaisesTheBalanceAndMakesAnInvoice()
    {
        var before = await _billing.CreditBalanceAsync(CancellationToken.None);
        Assert.Equal(("visa", "4242"), (before.CardBrand, before.CardLastFour));
        var topUp = await _billing.TopUpAsync(2500, null, CancellationToken.None);
        Assert.True(await _billing.IsTopUpCompletedAsync(topUp.PaymentIntentId, CancellationToken.None));
        Assert.True((await _billing.CreditBalanceAsync(CancellationToken.None)).Balance > before.Balance);
        Assert.Contains(await _billing.ListInvoicesAsync("manual", CancellationToken.None).AllAsync(), invoice => invoice.AmountPaid >= 2500 && invoice.Status == "paid");
        Assert.Empty(await _billing.ListInvoicesAsync("auto", CancellationToken.None).AllAsync());
        Assert.Equal(CloudflareErrorKind.Validation, await _emulator.Client(held: false).Billing.TopUpAsync(999, null, CancellationToken.None).KindAsync());
    }

    [Fact, Operation("getInvoicePreview", "getUsageHistory")]
    public async Task PreviewAndUsage_CoverTheirTime()
    {
        var preview = await _billing.PreviewInvoiceAsync(CancellationToken.None);
        Assert.Equal("draft", preview.Invoice.Status);
        Assert.True(preview.PeriodStart < preview.PeriodEnd);
        var now = TimeProvider.System.GetUtcNow().AddDays(1);
        var days = await _billing.UsageAsync(byHour: false, now.AddDays(-3), now, CancellationToken.None);
        Assert.All(days, slice => Assert.Equal(TimeSpan.FromDays(1), slice.End - slice.Start));
        Assert.All(await _billing.UsageAsync(byHour: true, now.AddDays(-1), now, CancellationToken.None), slice => Assert.Equal(TimeSpan.FromHours(1), slice.End - slice.Start));
    }

    [Fact, Operation("getSpendingLimit", "createSpendingLimit", "deleteSpendingLimit")]
    public async Task SpendingLimit_IsDeprecated()
    {
        Assert.Equal(CloudflareErrorKind.Permission, await _billing.SetSpendingLimitAsync(5, "daily", "fixed", CancellationToken.None).KindAsync());
        Assert.False((await _billing.SpendingLimitAsync(CancellationToken.None)).Enabled);
        await _billing.DeleteSpendingLimitAsync(CancellationToken.None);
        Assert.Equal(new SpendingLimit(false, null, null, null), await _billing.SpendingLimitAsync(CancellationToken.None));
    }

    [Fact, Operation("getTopupConfig", "setTopupConfig", "deleteTopupConfig")]
    public async Task TopUpConfig_NeedsATopUpByHandAndIsRefusedToTokens()
    {
        Assert.Null(await _billing.FindTopUpConfigAsync(CancellationToken.None));
        Assert.Equal(CloudflareErrorKind.Permission, await _billing.SetTopUpConfigAsync(2000, 500, CancellationToken.None).KindAsync());
        Assert.Equal(CloudflareErrorKind.Permission, await _billing.DeleteTopUpConfigAsync(CancellationToken.None).KindAsync());

        await _billing.TopUpAsync(1000, null, CancellationToken.None);
        Assert.Equal(new TopUpConfig(null, null), await _billing.FindTopUpConfigAsync(CancellationToken.None));
        var person = _emulator.Client(options => options with { ApiToken = "", ApiEmail = "dev@example.com", ApiKey = "0123456789abcdef0123456789abcdef01234" }).Billing;
        await person.SetTopUpConfigAsync(2000, 500, CancellationToken.None);
        Assert.Equal((2000m, 500m), ((await _billing.FindTopUpConfigAsync(CancellationToken.None))!.Amount, (await _billing.CreditBalanceAsync(CancellationToken.None)).TopUp.Threshold));
        await person.DeleteTopUpConfigAsync(CancellationToken.None);
        Assert.Null((await _billing.FindTopUpConfigAsync(CancellationToken.None))!.Amount);
    }
}
