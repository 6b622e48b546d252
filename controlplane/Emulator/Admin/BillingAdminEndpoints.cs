using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.Admin;

/// <summary>The account's default payment method: one that credits are bought with, or none, so that a purchase waits for one.</summary>
public static class BillingAdminEndpoints
{
    public static void MapBillingAdmin(this RouteGroupBuilder admin)
    {
        admin.MapPut("/billing/card", Set).WithSummary("The account has this payment card");
        admin.MapDelete("/billing/card", Remove).WithSummary("The account has no payment card");
    }

    private static async Task<IResult> Set(HttpRequest request, EmulatorState state, CancellationToken cancellationToken)
    {
        var (card, refusal) = await AdminJson.ReadAsync<PaymentCard>(request, cancellationToken);
        if (card is null)
            return refusal!;
        if (card.Brand is not { Length: > 0 } || card.Last4 is not { Length: 4 })
            return AdminJson.Refuse("A card has a brand and its last4 digits.");
        state.Account.Billing.Card = card;
        return AdminJson.Answer(card);
    }

    private static IResult Remove(EmulatorState state)
    {
        state.Account.Billing.Card = null;
        return Results.NoContent();
    }
}
