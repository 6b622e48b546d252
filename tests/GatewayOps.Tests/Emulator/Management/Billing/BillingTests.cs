using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using GatewayOps.Emulator;
using GatewayOps.Emulator.State;
using GatewayOps.Tests.Contract;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Emulator.Management.Billing;

public sealed class BillingTests : IAsyncLifetime
{
    private const string Billing = "ai-gateway/billing";
    private TestEmulator _emulator = null!;
    private HttpClient _user = null!;

    public async Task InitializeAsync()
    {
        _emulator = await TestEmulator.StartAsync(new EmulatorOptions { PaymentDelay = TimeSpan.FromSeconds(10), Credits = 5 });
        _user = User(_emulator);
    }

    public async Task DisposeAsync()
    {
        _user.Dispose();
        await _emulator.DisposeAsync();
    }

    // The user's own key stands for a session of the dashboard.
    private static HttpClient User(TestEmulator emulator)
    {
        var client = emulator.NewClient($"/client/v4/accounts/{emulator.Options.AccountId}/");
        client.DefaultRequestHeaders.Add("X-Auth-Email", emulator.Options.ApiEmail);
        client.DefaultRequestHeaders.Add("X-Auth-Key", emulator.Options.ApiKey);
        return client;
    }

    private BillingState Stored => _emulator.Account.Billing;

    private async Task<JsonElement> GetAsync(string path) => (await _emulator.Management.GetAnswerAsync($"{Billing}/{path}")).Result;

    private async Task<string> BuyAsync(int amount) =>
        (await _emulator.Management.PostAnswerAsync($"{Billing}/topup", new { amount })).Result.GetProperty("payment_intent_id").GetString()!;

    private async Task<string> StatusAsync(string id) =>
        (await _emulator.Management.PostAnswerAsync($"{Billing}/topup/status", new { payment_intent_id = id })).Result.GetProperty("status").GetString()!;

    private Task PaidAsync() => _emulator.AdvanceClockAsync(TimeSpan.FromSeconds(10));

    [Fact, Operation("createTopup", "getTopupStatus", "getCreditBalance")]
    public async Task Topup_Paid_RaisesTheBalance()
    {
        Assert.Equal(500, (await GetAsync("credit-balance")).GetProperty("balance").GetDecimal());
        Assert.False((await GetAsync("credit-balance")).TryGetProperty("first_topup_success", out _));

        var answer = (await _emulator.Management.PostAnswerAsync($"{Billing}/topup", new { amount = 1000 })).Result;
        var id = answer.GetProperty("payment_intent_id").GetString()!;
        Assert.Equal("4242", answer.GetProperty("last4").GetString());
        Assert.Equal(JsonValueKind.Null, answer.GetProperty("client_secret").ValueKind);
        Assert.Equal(("pending", 500m, false), (await StatusAsync(id), Stored.Balance, (await GetAsync("credit-balance")).GetProperty("first_topup_success").GetBoolean()));

        await PaidAsync();
        Assert.Equal(("completed", 1500m, true), (await StatusAsync(id), Stored.Balance, (await GetAsync("credit-balance")).GetProperty("first_topup_success").GetBoolean()));
    }

    [Fact, Operation("createTopup", "getTopupStatus")]
    public async Task Topup_WithoutCard_WaitsForAConfirmationUnlessAMethodIsNamed()
    {
        using var removed = await _emulator.Admin.DeleteAsync("billing/card");
        Stored.Usd = 0;

        var waiting = (await _emulator.Management.PostAnswerAsync($"{Billing}/topup", new { amount = 1000 })).Result;
        var named = (await _emulator.Management.PostAnswerAsync($"{Billing}/topup", new { amount = 2000, payment_method_id = "pm_1" })).Result;
        await PaidAsync();

        Assert.Equal(JsonValueKind.String, waiting.GetProperty("client_secret").ValueKind);
        Assert.False(waiting.GetProperty("onboarding").GetBoolean());
        Assert.Equal("pending", await StatusAsync(waiting.GetProperty("payment_intent_id").GetString()!));
        Assert.Equal("completed", await StatusAsync(named.GetProperty("payment_intent_id").GetString()!));
        Assert.Equal(2000, Stored.Balance);
    }

    [Theory]
    [InlineData("GET", "topup/config", null)]
    [InlineData("POST", "topup/config", """{"amount":1000,"threshold":500}""")]
    [InlineData("DELETE", "topup/config", null)]
    [InlineData("POST", "topup/status", """{"payment_intent_id":"pi_1"}""")]
    public async Task Topup_NoneByHandYet_IsNoManualTopup(string method, string path, string? body)
    {
        var answer = await _user.CallAsync(new HttpMethod(method), $"{Billing}/{path}", body is null ? null : new StringContent(body));

        Assert.Equal((HttpStatusCode.BadRequest, "1000 NO_MANUAL_TOPUP"), (answer.Status, Assert.Single(answer.Errors)));
    }

    [Fact, Operation("setTopupConfig", "getTopupConfig", "deleteTopupConfig", "getCreditBalance")]
    public async Task Config_ByToken_Is403AndByTheUserTakesEffect()
    {
        await BuyAsync(1000);
        var wish = new { amount = 2000, threshold = 500 };

        var refused = await _emulator.Management.PostAnswerAsync($"{Billing}/topup/config", wish);
        Assert.Equal((HttpStatusCode.Forbidden, "10000 Authentication error"), (refused.Status, Assert.Single(refused.Errors)));
        Assert.Null(Stored.AutoTopup);

        var set = await _user.PostAnswerAsync($"{Billing}/topup/config", wish);
        Assert.Equal((2000, 500), (set.Result.GetProperty("amount").GetInt32(), set.Result.GetProperty("threshold").GetInt32()));
        Assert.True(JsonElement.DeepEquals(set.Result, await GetAsync("topup/config")));
        Assert.True(JsonElement.DeepEquals(set.Result, (await GetAsync("credit-balance")).GetProperty("topup_config")));

        Assert.Equal(HttpStatusCode.Forbidden, (await _emulator.Management.CallAsync(HttpMethod.Delete, $"{Billing}/topup/config")).Status);
        Assert.NotNull(Stored.AutoTopup);
        Assert.Equal(HttpStatusCode.OK, (await _user.CallAsync(HttpMethod.Delete, $"{Billing}/topup/config")).Status);
        Assert.Equal(JsonValueKind.Null, (await GetAsync("topup/config")).GetProperty("amount").ValueKind);
    }

    [Fact]
    public async Task Charge_BelowTheThreshold_BuysOnce()
    {
        await BuyAsync(1000);
        await PaidAsync();
        await _user.PostAnswerAsync($"{Billing}/topup/config", new { amount = 2000, threshold = 600 });

        Stored.Charge(8.9m);
        Assert.Equal(610, Stored.Balance);
        Assert.Empty((await GetAsync("invoice-history?type=auto")).GetProperty("invoices").EnumerateArray());

        Stored.Charge(0.2m);
        Stored.Charge(6m);
        Assert.Equal(-10, Stored.Balance);
        await PaidAsync();
        Assert.Equal(1990, Stored.Balance);
        Assert.Single((await GetAsync("invoice-history?type=auto")).GetProperty("invoices").EnumerateArray());
    }

    [Fact]
    public async Task Charge_ManyAtOnce_LosesNone()
    {
        await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Task.Run(() => Stored.Charge(0.01m))));

        Assert.Equal(500 - 64, Stored.Balance);
    }

    [Fact, Operation("getInvoiceHistory")]
    public async Task InvoiceHistory_Purchases_AreBilledWithTheFee()
    {
        await BuyAsync(1000);
        await PaidAsync();
        await BuyAsync(2001);

        var history = await GetAsync("invoice-history?type=manual");
        var invoices = history.GetProperty("invoices").EnumerateArray().ToArray();

        Assert.Equal([(2102, 0, "open"), (1050, 1050, "paid")], invoices.Select(invoice =>
            (invoice.GetProperty("amount_due").GetInt32(), invoice.GetProperty("amount_paid").GetInt32(), invoice.GetProperty("status").GetString())));
        Assert.Equal((2, false), (history.GetProperty("pagination").GetProperty("total_count").GetInt32(), history.GetProperty("pagination").GetProperty("has_more").GetBoolean()));
        Assert.Equal(2, (await GetAsync("invoice-history")).GetProperty("invoices").GetArrayLength());
        Assert.Equal(0, (await GetAsync("invoice-history?type=auto")).GetProperty("invoices").GetArrayLength());
        Assert.True((await GetAsync("invoice-history?per_page=1")).GetProperty("pagination").GetProperty("has_more").GetBoolean());
    }

    private async Task LogAsync(params (DateTimeOffset At, decimal Cost, bool Wholesale)[] rows)
    {
        await _emulator.CreateGatewayAsync("prod");
        var gateway = _emulator.Account.FindGateway("prod")!;
        foreach (var (at, cost, wholesale) in rows)
            gateway.AddLog(SampleLog.Row(1) with { Id = gateway.Logs.NewId(at), Cost = cost, Wholesale = wholesale });
    }

    private async Task<(DateTimeOffset Start, DateTimeOffset End, decimal Value)[]> UsageAsync(string query) => [.. (await GetAsync($"usage-history?{query}")).GetProperty("history").EnumerateArray().Select(one => (
        DateTimeOffset.FromUnixTimeMilliseconds(one.GetProperty("start_time").GetInt64()), DateTimeOffset.FromUnixTimeMilliseconds(one.GetProperty("end_time").GetInt64()), one.GetProperty("aggregated_value").GetDecimal()))];

    [Fact, Operation("getUsageHistory")]
    public async Task UsageHistory_LoggedCosts_AreSummedByDayOrHour()
    {
        var noon = TimeProvider.System.GetUtcNow().Date.AddDays(-2).AddHours(12);
        DateTimeOffset day = new(noon.Date, TimeSpan.Zero), at = new(noon, TimeSpan.Zero);
        await LogAsync((at, 0.25m, true), (at.AddMinutes(59), 0.5m, true), (at.AddMinutes(60), 1m, true), (at, 8m, false), (at.AddDays(1), 2m, true), (at.AddDays(-40), 16m, true));

        Assert.Equal([(day, day.AddDays(1), 1.75m), (day.AddDays(1), day.AddDays(2), 2m)], await UsageAsync("value_grouping_window=day"));
        Assert.Equal([(at, at.AddHours(1), 0.75m), (at.AddHours(1), at.AddHours(2), 1m)], await UsageAsync(
            $"value_grouping_window=hour&start_time={at.ToUnixTimeMilliseconds()}&end_time={at.AddDays(1).ToUnixTimeMilliseconds()}"));
        Assert.Equal(16m, Assert.Single(await UsageAsync($"value_grouping_window=day&start_time=0&end_time={at.AddDays(-30).ToUnixTimeMilliseconds()}")).Value);
        Assert.Equal(2, (await UsageAsync("value_grouping_window=day&start_time=&end_time=")).Length);
    }

    [Theory]
    [InlineData("", "7001 query.value_grouping_window Required")]
    [InlineData("value_grouping_window=week", "7001 query.value_grouping_window Invalid enum value. Expected 'day' | 'hour', received 'week'")]
    [InlineData("value_grouping_window=day&start_time=monday", "7001 query.start_time Expected unix time in milliseconds")]
    [InlineData("value_grouping_window=day&end_time=-1", "7001 query.end_time Expected unix time in milliseconds")]
    [InlineData("value_grouping_window=day&end_time=1e300", "7001 query.end_time Expected unix time in milliseconds")]
    [InlineData("value_grouping_window=day&start_time=2000&end_time=1000", "7001 query.start_time start_time is after end_time")]
    public async Task UsageHistory_BadQuery_Is7001WithItsPath(string query, string error)
    {
        var answer = await _emulator.Management.GetAnswerAsync($"{Billing}/usage-history?{query}");

        Assert.Equal((HttpStatusCode.BadRequest, error), (answer.Status, Assert.Single(answer.Errors)));
    }

    [Fact, Operation("getInvoicePreview")]
    public async Task InvoicePreview_RunningMonth_IsWhatTheCreditsDoNotCover()
    {
        var now = TimeProvider.System.GetUtcNow();
        await LogAsync((now, 3m, true), (now, 4m, true), (now, 100m, false));
        Stored.Charge(7m);

        var preview = await GetAsync("invoice-preview");

        var line = Assert.Single(preview.GetProperty("invoice_lines").EnumerateArray());
        Assert.Equal((700m, 2), (line.GetProperty("amount").GetDecimal(), line.GetProperty("quantity").GetInt32()));
        Assert.Equal(500m, line.GetProperty("pretax_credit_amounts")[0].GetProperty("amount").GetDecimal());
        Assert.Equal(200m, preview.GetProperty("amount_due").GetDecimal());
        Assert.Equal("draft", preview.GetProperty("status").GetString());
    }

    [Fact, Operation("getSpendingLimit", "createSpendingLimit", "deleteSpendingLimit")]
    public async Task SpendingLimit_Deprecated_IsOffAndCannotBeSet()
    {
        var set = await _user.PostAnswerAsync($"{Billing}/spending-limit", new { amount = 100, duration = "daily", strategy = "fixed" });
        var nonsense = await _user.PostAnswerAsync($"{Billing}/spending-limit", "not even an object");
        var deleted = await _emulator.Management.CallAsync(HttpMethod.Delete, $"{Billing}/spending-limit");
        var read = await GetAsync("spending-limit");

        Assert.All([set, nonsense], answer => Assert.Equal(HttpStatusCode.Forbidden, answer.Status));
        Assert.Contains("spending limits are deprecated", Assert.Single(set.Errors));
        Assert.Equal(HttpStatusCode.OK, deleted.Status);
        Assert.False(read.GetProperty("enabled").GetBoolean());
        Assert.All(["amount", "duration", "strategy"], name => Assert.Equal(JsonValueKind.Null, read.GetProperty("config").GetProperty(name).ValueKind));
    }

    [Theory]
    [InlineData("topup", """{}""", "7001 body.amount Required")]
    [InlineData("topup", """{"amount":999}""", "7001 body.amount Number must be greater than or equal to 1000")]
    [InlineData("topup", """{"amount":1000.5}""", "7001 body.amount Expected integer, received float")]
    [InlineData("topup", """{"amount":"1000"}""", "7001 body.amount Expected number, received string")]
    [InlineData("topup", """{"amount":1000,"payment_method_id":7}""", "7001 body.payment_method_id Expected string, received number")]
    [InlineData("topup", """[]""", "7001 body Input Validation Error")]
    [InlineData("topup/status", """{}""", "7001 body.payment_intent_id Required")]
    [InlineData("topup/config", """{"amount":1000}""", "7001 body.threshold Required")]
    [InlineData("topup/config", """{"amount":999,"threshold":500}""", "7001 body.amount Number must be greater than or equal to 1000")]
    [InlineData("topup/config", """{"amount":1000,"threshold":499}""", "7001 body.threshold Number must be greater than or equal to 500")]
    public async Task Write_BadBody_Is7001WithItsPath(string path, string body, string error)
    {
        var answer = await _user.PostAnswerAsync($"{Billing}/{path}", new StringContent(body));

        Assert.Equal((HttpStatusCode.BadRequest, error), (answer.Status, Assert.Single(answer.Errors)));
        Assert.Empty(Stored.Topups);
    }

    [Fact]
    public async Task Read_BadTypeAndUnknownPurchase_AreRefused()
    {
        await BuyAsync(1000);

        var type = await _emulator.Management.GetAnswerAsync($"{Billing}/invoice-history?type=some");
        var unknown = await _emulator.Management.PostAnswerAsync($"{Billing}/topup/status", new { payment_intent_id = "pi_1" });

        Assert.Equal(["7001 query.type Invalid enum value. Expected 'auto' | 'all' | 'manual', received 'some'"], type.Errors);
        Assert.Equal((HttpStatusCode.NotFound, "7002 Not Found"), (unknown.Status, Assert.Single(unknown.Errors)));
    }

    [Fact]
    public async Task AdminCard_SetAndTakenAway_IsThePaymentMethod()
    {
        using var set = await _emulator.Admin.PutAsJsonAsync("billing/card", new { brand = "mastercard", last4 = "1111" });
        Assert.Equal("1111", (await GetAsync("credit-balance")).GetProperty("payment_method").GetProperty("last4").GetString());

        foreach (var bad in new object[] { new { }, new { brand = "visa", last4 = "42" }, new { brand = "visa", last4 = "4242", colour = "red" } })
        {
            using var refused = await _emulator.Admin.PutAsJsonAsync("billing/card", bad);
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        }
        Assert.Equal("mastercard", Stored.Card!.Brand);

        using var removed = await _emulator.Admin.DeleteAsync("billing/card");
        var balance = await GetAsync("credit-balance");
        Assert.False(balance.GetProperty("has_default_payment_method").GetBoolean());
        Assert.Equal(JsonValueKind.Null, balance.GetProperty("payment_method").ValueKind);
    }

    [Fact]
    public async Task Assumptions_Turned_ChangeTheAnswers()
    {
        await using var emulator = await TestEmulator.StartAsync(new EmulatorOptions
        {
            Assumptions = new Assumptions { CreditBalanceInDollars = true, TopupNeedsUser = true, NoManualTopupStatus = 404, UsageOfEveryRequest = true },
        });
        using var user = User(emulator);
        await emulator.CreateGatewayAsync("prod");
        var gateway = emulator.Account.FindGateway("prod")!;
        gateway.AddLog(SampleLog.Row(1) with { Id = gateway.Logs.NewId(), Cost = 2 });

        Assert.Equal(100, (await emulator.Management.GetAnswerAsync($"{Billing}/credit-balance")).Result.GetProperty("balance").GetInt32());
        Assert.Equal(HttpStatusCode.NotFound, (await emulator.Management.GetAnswerAsync($"{Billing}/topup/config")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await emulator.Management.PostAnswerAsync($"{Billing}/topup", new { amount = 1000 })).Status);
        Assert.Equal(HttpStatusCode.OK, (await user.PostAnswerAsync($"{Billing}/topup", new { amount = 1000 })).Status);
        Assert.Equal(2, (await emulator.Management.GetAnswerAsync($"{Billing}/usage-history?value_grouping_window=day")).Result.GetProperty("history")[0].GetProperty("aggregated_value").GetInt32());
    }
}
