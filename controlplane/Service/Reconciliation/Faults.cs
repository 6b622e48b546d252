using GatewayOps.Cloudflare;
using GatewayOps.ControlPlane.Content;
using GatewayOps.ControlPlane.Reconciliation.Applying;

namespace GatewayOps.ControlPlane.Reconciliation;

/// <summary>What may go wrong in a pass without any fault of ours, as a condition's reason and message. Messages of the client hold no secrets.</summary>
internal static class Faults
{
    public static (string Reason, string Message)? Explain(Exception exception) => exception switch
    {
        CloudflareException { Kind: CloudflareErrorKind.Authentication or CloudflareErrorKind.Permission } refused =>
            ("CloudflareRefused", $"{refused.Message}: check CLOUDFLARE_API_TOKEN and its permissions (AI Gateway Write; for stored keys also Secrets Store Write)"),
        CloudflareException { IsTransient: true } away => ("CloudflareUnavailable", away.Message),
        ChangesRefusedException rejected => ("CloudflareRejected", rejected.Message),
        CloudflareException rejected => ("CloudflareRejected", rejected.Message),
        PlanStaleException stale => ("ConcurrentChange", $"{stale.Message}, three times in a row: somebody else keeps writing it"),
        RuleSetConflictException conflict => ("RuleSetConflict", conflict.Message),
        UnreadableRevisionException unreadable => ("RuleSetUnreadable", unreadable.Message),
        _ => null,
    };
}
