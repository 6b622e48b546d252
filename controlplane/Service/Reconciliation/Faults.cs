using GatewayOps.Cloudflare;
using GatewayOps.ControlPlane.Content;
using GatewayOps.ControlPlane.Reconciliation.Applying;
using GatewayOps.ControlPlane.Reconciliation.Stacks;

namespace GatewayOps.ControlPlane.Reconciliation;

/// <summary>What may go wrong in a pass without any fault of ours, as a condition's reason and message. Messages of the client hold no secrets.</summary>
internal static class Faults
{
    /// <summary>What to do about a token that Cloudflare does not take.</summary>
    public const string Token = "the token was revoked, has expired or was copied wrongly. Make one with AI Gateway: Edit at https://dash.cloudflare.com/profile/api-tokens, set CLOUDFLARE_API_TOKEN, and restart; `gatewayops doctor` checks it";

    /// <summary>What to do about a token that may not do what was asked.</summary>
    public const string Permissions = "the token lacks a permission. It needs AI Gateway: Edit, and Secrets Store: Edit for stored keys: add it at https://dash.cloudflare.com/profile/api-tokens; `gatewayops doctor` says which one";

    public static (string Reason, string Message)? Explain(Exception exception) => exception switch
    {
        CloudflareException { Kind: CloudflareErrorKind.Authentication } unknown => ("CloudflareTokenRefused", $"{unknown.Message}: {Token}"),
        CloudflareException { Kind: CloudflareErrorKind.Permission } lacking => ("CloudflarePermissionMissing", $"{lacking.Message}: {Permissions}"),
        CloudflareException { IsTransient: true } away => ("CloudflareUnavailable", away.Message),
        ChangesRefusedException rejected => ("CloudflareRejected", rejected.Message),
        CloudflareException rejected => ("CloudflareRejected", rejected.Message),
        PlanStaleException stale => ("ConcurrentChange", $"{stale.Message}, three times in a row: somebody else keeps writing it"),
        RuleSetConflictException conflict => ("RuleSetConflict", conflict.Message),
        StackUnreadableException stack => ("StackUnreadable", stack.Message),
        UnreadableRevisionException unreadable => ("RuleSetUnreadable", unreadable.Message),
        _ => null,
    };
}
