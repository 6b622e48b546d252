using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>
/// Who is asked first where providers have weights: each as often as its share of all weights, and for one request id always the same. Those without a weight, and those that were not
/// drawn, keep their order behind it.
/// </summary>
public static class WeightedTurns
{
    public static IReadOnlyList<UpstreamTarget> Of(IReadOnlyList<UpstreamTarget> targets, string requestId)
    {
        var total = 0L;
        for (var i = 0; i < targets.Count; i++)
        {
            total += targets[i].Weight ?? 0;
        }

        if (total == 0)
        {
            return targets;
        }

        var draw = (long)(Draw(requestId) % (ulong)total);
        foreach (var target in targets)
        {
            draw -= target.Weight ?? 0;
            if (draw < 0)
            {
                return [target, .. targets.Where(other => other != target)];
            }
        }

        throw new InvalidOperationException("A draw below the sum of all weights falls on one of them.");
    }

    // Spread evenly whatever the ids look like: callers may choose them.
    private static ulong Draw(string requestId) => BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(requestId)));
}
