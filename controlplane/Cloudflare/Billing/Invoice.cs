using System.Text.Json;
using GatewayOps.Cloudflare.Http;

namespace GatewayOps.Cloudflare.Billing;

/// <summary>An invoice. `Status` is draft, open, paid, uncollectible or void; amounts are in the smallest unit of the currency. Source: Cloudflare contract, section 8.</summary>
public sealed record Invoice(string? Id, decimal AmountDue, decimal AmountPaid, decimal AmountRemaining, string Currency, string? Status)
{
    public DateTimeOffset? Created { get; init; }
    public string? Description { get; init; }
    public string? Origin { get; init; }
    public string? Pdf { get; init; }

    internal static Invoice Read(JsonElement element) => new(
        element.Text("id"), element.RequiredDecimal("amount_due"), element.RequiredDecimal("amount_paid"), element.RequiredDecimal("amount_remaining"), element.RequiredText("currency"), element.Text("status"))
    {
        Created = element.Time("created"),
        Description = element.Text("description"),
        Origin = element.Text("invoice_origin"),
        Pdf = element.Text("invoice_pdf"),
    };
}

/// <summary>The invoice that is being made, and its lines.</summary>
public sealed record InvoicePreview(Invoice Invoice, DateTimeOffset? PeriodStart, DateTimeOffset? PeriodEnd, IReadOnlyList<InvoiceLine> Lines)
{
    internal static InvoicePreview Read(JsonElement element) =>
        new(Invoice.Read(element), element.Time("period_start"), element.Time("period_end"), [.. element.Items("invoice_lines").Select(InvoiceLine.Read)]);
}

/// <summary>One line: `UnitAmount` is a decimal as text, finer than the currency's smallest unit.</summary>
public sealed record InvoiceLine(decimal Amount, string Currency, string? Description, decimal Quantity, string? UnitAmount)
{
    public DateTimeOffset? PeriodStart { get; init; }
    public DateTimeOffset? PeriodEnd { get; init; }

    internal static InvoiceLine Read(JsonElement element) => new(
        element.RequiredDecimal("amount"), element.Text("currency") ?? "", element.Text("description"), element.Decimal("quantity") ?? 0, element.Member("pricing").Text("unit_amount_decimal"))
    {
        PeriodStart = element.Member("period").Time("start"),
        PeriodEnd = element.Member("period").Time("end"),
    };
}
