using System.Text.Json.Nodes;
using GatewayOps.Emulator.State;
using static GatewayOps.Emulator.Management.Shapes;

namespace GatewayOps.Emulator.Management.Billing;

/// <summary>
/// Buying credits (contract section 8). Automatic purchases are configured in a user's session alone: a token gets 403, the legacy key stands for the
/// session. Before the first purchase by hand, status and configuration are NO_MANUAL_TOPUP.
/// </summary>
public static class TopupEndpoints
{
    private const double LeastAmount = 1000;
    private const double LeastThreshold = 500;

    private static readonly Member Amount = new("amount", Integer(LeastAmount), Required: true);
    private static readonly Shape Purchase = ObjectOf(Amount, new Member("payment_method_id", Text(1)));
    private static readonly Shape Intent = ObjectOf(new Member("payment_intent_id", Text(1), Required: true));
    private static readonly Shape Automatic = ObjectOf(Amount, new Member("threshold", Integer(LeastThreshold), Required: true));

    public static void MapTopups(this IEndpointRouteBuilder billing)
    {
        billing.MapPost("/topup", Create).WithSummary("Buy credits").Takes(Purchase);
        billing.MapPost("/topup/status", Status).WithSummary("Whether a purchase is paid").Takes(Intent);
        billing.MapGet("/topup/config", (HttpContext context, EmulatorOptions options) =>
            NoManualTopup(context, options) ?? Envelope.Result(Config(context.Account().Billing.AutoTopup))).WithSummary("When credits are bought by themselves");
        billing.MapPost("/topup/config", Configure).WithSummary("Buy credits by themselves; refused to tokens").Takes(Automatic);
        billing.MapDelete("/topup/config", Stop).WithSummary("Buy no more credits by themselves; refused to tokens");
    }

    public static JsonObject Config(AutoTopup? auto) => new() { ["amount"] = auto?.Amount, ["threshold"] = auto?.Threshold };

    private static async Task<IResult> Create(HttpContext context, EmulatorOptions options, CancellationToken cancellationToken)
    {
        if (options.Assumptions.TopupNeedsUser && context.Caller().Token is not null)
            return Refusal.NotGranted;
        var (body, refusal) = await ValidBody.ReadAsync(context.Request, Purchase, cancellationToken);
        if (refusal is not null)
            return refusal;
        var billing = context.Account().Billing;
        var method = body.TryGetProperty("payment_method_id", out var given) ? given.GetString() : null;
        var (onboarded, topup) = (billing.Card is not null, billing.Buy((long)body.GetProperty("amount").GetDouble(), method));
        var json = new JsonObject
        {
            // A purchase that nobody has paid yet is confirmed with it.
            ["client_secret"] = topup.PaidFrom is null ? $"{topup.Id}_secret_{Identifier.NewShortHex()}" : null,
            ["onboarding"] = onboarded,
            ["payment_intent_id"] = topup.Id,
        };
        if (method is null && billing.Card is { } card)
            (json["brand"], json["last4"]) = (card.Brand, card.Last4);
        return Envelope.Result(json);
    }

    private static async Task<IResult> Status(HttpContext context, EmulatorOptions options, CancellationToken cancellationToken)
    {
        var (body, refusal) = await ValidBody.ReadAsync(context.Request, Intent, cancellationToken);
        if ((refusal ?? NoManualTopup(context, options)) is { } refused)
            return refused;
        var billing = context.Account().Billing;
        var id = body.GetProperty("payment_intent_id").GetString();
        return billing.Topups.FirstOrDefault(topup => topup.Id == id) is { } topup
            ? Envelope.Result(new JsonObject { ["payment_intent_id"] = topup.Id, ["status"] = billing.IsPaid(topup) ? "completed" : "pending" })
            : Envelope.NotFound();
    }

    private static async Task<IResult> Configure(HttpContext context, EmulatorOptions options, CancellationToken cancellationToken)
    {
        if (context.Caller().Token is not null)
            return Refusal.NotGranted;
        var (body, refusal) = await ValidBody.ReadAsync(context.Request, Automatic, cancellationToken);
        if ((refusal ?? NoManualTopup(context, options)) is { } refused)
            return refused;
        var auto = new AutoTopup((long)body.GetProperty("amount").GetDouble(), (long)body.GetProperty("threshold").GetDouble());
        context.Account().Billing.AutoTopup = auto;
        return Envelope.Result(Config(auto));
    }

    private static IResult Stop(HttpContext context, EmulatorOptions options)
    {
        if (context.Caller().Token is not null)
            return Refusal.NotGranted;
        if (NoManualTopup(context, options) is { } refused)
            return refused;
        context.Account().Billing.AutoTopup = null;
        return Envelope.Result(new JsonObject());
    }

    private static IResult? NoManualTopup(HttpContext context, EmulatorOptions options) => context.Account().Billing.Topups.Any(topup => !topup.Automatic)
        ? null
        : Envelope.Failure(options.Assumptions.NoManualTopupStatus, new ApiError(1000, "NO_MANUAL_TOPUP"));
}
