using System.Diagnostics.Metrics;

namespace GatewayOps.ControlPlane.Access;

/// <summary>Why a caller was turned away; the values of the label `reason`.</summary>
public static class AuthFailure
{
    public const string Missing = "missing";
    public const string Invalid = "invalid";
    public const string Scope = "scope";
    public const string NotLocal = "not_local";
    public const string Expired = "expired";
    public const string Revoked = "revoked";

    /// <summary>It has the shape of an issued token, and a checksum that no issued token has.</summary>
    public const string Mistyped = "mistyped";

    public static IReadOnlyList<string> All { get; } = [Missing, Invalid, Scope, NotLocal, Expired, Revoked, Mistyped];
}

public sealed class AccessMetrics
{
    public const string MeterName = "GatewayOps.Access";

    private readonly Counter<long> _failures;

    public AccessMetrics(IMeterFactory meters)
    {
        _failures = meters.Create(MeterName).CreateCounter<long>(
            "gatewayops_auth_failures", description: "Callers turned away, of the operator API and of the proxy, by reason.");
        foreach (var reason in AuthFailure.All)
        {
            _failures.Add(0, new KeyValuePair<string, object?>("reason", reason));
        }
    }

    /// <summary><paramref name="reason"/> is one of <see cref="AuthFailure"/>.</summary>
    public void Failed(string reason) => _failures.Add(1, new KeyValuePair<string, object?>("reason", reason));
}
