using System.Globalization;
using System.Text.Json.Nodes;
using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.Management.Billing;

/// <summary>Credits, invoices and usage of Unified Billing (contract section 8). Amounts are cents.</summary>
public static class BillingEndpoints
{
    private const string Currency = "usd";

    // For the record alone: nothing is read of it.
    private static readonly Shape SpendingLimit = Shapes.ObjectOf(
        new Member("amount", Shapes.NumberBetween(0, double.MaxValue)), new Member("duration", Shapes.OneOf("daily", "weekly", "monthly")), new Member("strategy", Shapes.OneOf("fixed", "sliding")));

    public static void MapBilling(this RouteGroupBuilder account)
    {
        var billing = account.MapGroup("/ai-gateway/billing").Requires(Permission.AiGatewayRead, Permission.AiGatewayWrite).WithTags("Billing");
        billing.MapGet("/credit-balance", CreditBalance).WithSummary("Credits of Unified Billing");
        billing.MapGet("/invoice-history", InvoiceHistory).WithSummary("Invoices of credits").Asks([.. AskedParameter.Pages(1, 100), AskedParameter.Choice("type", "auto", "all", "manual")]);
        billing.MapGet("/invoice-preview", InvoicePreview).WithSummary("The invoice of the running month");
        billing.MapGet("/usage-history", UsageHistory).WithSummary("Usage by day or hour").Asks(UsageRequest.Parameters);
        billing.MapGet("/spending-limit", () => Envelope.Result(new JsonObject
        {
            ["enabled"] = false,
            ["config"] = new JsonObject { ["amount"] = null, ["duration"] = null, ["strategy"] = null },
        })).WithSummary("The deprecated spending limit: none");
        billing.MapPost("/spending-limit", () => Envelope.Failure(
            StatusCodes.Status403Forbidden, new ApiError(Code: null, "spending limits are deprecated, use the gateway's spend_limits"))).WithSummary("Deprecated: always 403").Takes(SpendingLimit);
        billing.MapDelete("/spending-limit", () => Envelope.Result(new JsonObject())).WithSummary("Take the deprecated spending limit away");
        billing.MapTopups();
    }

    private static IResult CreditBalance(HttpContext context, EmulatorOptions options)
    {
        var billing = context.Account().Billing;
        var json = new JsonObject
        {
            ["balance"] = options.Assumptions.CreditBalanceInDollars ? billing.Usd : billing.Balance,
            ["has_default_payment_method"] = billing.Card is not null,
            ["payment_method"] = billing.Card is { } card ? new JsonObject { ["brand"] = card.Brand, ["last4"] = card.Last4 } : null,
            ["topup_config"] = TopupEndpoints.Config(billing.AutoTopup),
        };
        // Said only of an account that has bought credits before.
        if (billing.Topups is [.., var first])
            json["first_topup_success"] = billing.IsPaid(first);
        return Envelope.Result(json);
    }

    private static IResult InvoiceHistory(HttpContext context)
    {
        var query = context.Request.Query;
        var errors = new List<ApiError>();
        var type = ListQuery.Choice(query, "type", "all", ["auto", "all", "manual"], errors);
        var page = PageRequest.Read(context, 1, 100, errors);
        if (errors.Count > 0)
            return Envelope.Invalid(errors);
        var billing = context.Account().Billing;
        Topup[] found = [.. billing.Topups.Where(topup => type == "all" || topup.Automatic == (type == "auto"))];
        return Envelope.Result(new JsonObject
        {
            ["invoices"] = new JsonArray([.. page.Of(found).Select(topup => Invoice(topup, billing.IsPaid(topup)))]),
            ["pagination"] = new JsonObject
            {
                ["has_more"] = (long)page.Page * page.PerPage < found.Length,
                ["page"] = page.Page,
                ["per_page"] = page.PerPage,
                ["total_count"] = found.Length,
            },
        });
    }

    // The running month: what Unified Billing passed through, paid from the credits as far as they go.
    private static IResult InvoicePreview(HttpContext context, EmulatorClock clock, EmulatorOptions options)
    {
        var account = context.Account();
        var now = clock.GetUtcNow();
        var start = new DateTimeOffset(now.Year, now.Month, 1, 0, 0, 0, TimeSpan.Zero);
        var (requests, dollars) = BilledUsage.Rows(account, start, start.AddMonths(1), options.Assumptions)
            .Aggregate((Requests: 0, Dollars: 0m), (sum, row) => (sum.Requests + 1, sum.Dollars + row.Cost));
        var (amount, due) = (Math.Round(dollars * 100, 4), Math.Max(0, Math.Round(-account.Billing.Balance, 4)));
        var (from, to) = (start.ToUnixTimeSeconds(), start.AddMonths(1).ToUnixTimeSeconds());
        return Envelope.Result(new JsonObject
        {
            ["id"] = $"upcoming_{start.ToString("yyyyMM", CultureInfo.InvariantCulture)}",
            ["amount_due"] = due,
            ["amount_paid"] = 0,
            ["amount_remaining"] = due,
            ["currency"] = Currency,
            ["invoice_lines"] = requests == 0 ? [] : new JsonArray(new JsonObject
            {
                ["amount"] = amount,
                ["currency"] = Currency,
                ["description"] = "AI Gateway Unified Billing",
                ["period"] = new JsonObject { ["start"] = from, ["end"] = to },
                ["pricing"] = new JsonObject { ["unit_amount_decimal"] = null },
                ["quantity"] = requests,
                ["pretax_credit_amounts"] = new JsonArray(new JsonObject { ["amount"] = Math.Max(0, amount - due), ["type"] = "credit_balance_transaction" }),
            }),
            ["period_start"] = from,
            ["period_end"] = to,
            ["status"] = "draft",
        });
    }

    private static IResult UsageHistory(HttpContext context, EmulatorClock clock, EmulatorOptions options)
    {
        var errors = new List<ApiError>();
        var request = UsageRequest.Read(context.Request.Query, clock.GetUtcNow(), errors);
        if (errors.Count > 0)
            return Envelope.Invalid(errors);
        return Envelope.Result(new JsonObject
        {
            ["history"] = new JsonArray([.. BilledUsage.History(context.Account(), request, options.Assumptions).Select(bucket => new JsonObject
            {
                ["id"] = $"usage_{bucket.Start.ToUnixTimeMilliseconds()}",
                ["aggregated_value"] = bucket.Cost,
                ["start_time"] = bucket.Start.ToUnixTimeMilliseconds(),
                ["end_time"] = (bucket.Start + request.Window).ToUnixTimeMilliseconds(),
            })]),
        });
    }

    private static JsonObject Invoice(Topup topup, bool paid) => new()
    {
        ["id"] = topup.Id.Replace("pi_", "in_", StringComparison.Ordinal),
        ["amount_due"] = topup.Price,
        ["amount_paid"] = paid ? topup.Price : 0,
        ["amount_remaining"] = paid ? 0 : topup.Price,
        ["currency"] = Currency,
        ["attempt_count"] = topup.PaidFrom is null ? 0 : 1,
        ["attempted"] = topup.PaidFrom is not null,
        ["auto_advance"] = topup.Automatic,
        ["created"] = topup.CreatedAt.ToUnixTimeSeconds(),
        ["description"] = "AI Gateway credits",
        ["invoice_origin"] = topup.Automatic ? "auto" : "manual",
        ["invoice_pdf"] = null,
        ["status"] = paid ? "paid" : "open",
    };
}
