using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using GatewayOps.Rules;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>
/// The cache key of a request under a rule: SHA-256 over the fields that the rule lists, each in canonical form, and what is always part of a key:
/// endpoint, model, provider, stream and, unless the rule shares, the tenant. Source: product contract, section 6.
/// </summary>
/// <param name="Hash">64 hex digits.</param>
/// <param name="Parts">What went into it, in a fixed order: two keys differ where a part does.</param>
public sealed record CacheKey(string Hash, IReadOnlyList<CacheKeyPart> Parts)
{
    private const string Body = "body.";

    /// <summary>Members of a body that a key is made of. Each is hashed for itself and remembered to explain misses; no dialect has half as many.</summary>
    private const int MostMembers = 256;

    /// <summary>The key of a request at one of its upstreams.</summary>
    public static CacheKey? Of(ProxyRequest request, RouteCache cache, UpstreamTarget target, string tenant) =>
        Of(request.Dialect.Operation, request.Root, cache.KeyFields, target, request.Stream, cache.Share ? null : tenant);

    /// <summary>
    /// <paramref name="fields"/> are top-level members of the body; none listed means all. An absent field and a null differ.
    /// Null for a body that has no canonical form (half of a surrogate pair in a string, extreme depth), or more members than any that is meant: such a request is not cached.
    /// </summary>
    public static CacheKey? Of(string operation, JsonElement body, IReadOnlyList<string> fields, UpstreamTarget target, bool stream, string? tenant)
    {
        if (fields.Count == 0 && body.GetPropertyCount() > MostMembers)
        {
            return null;
        }

        try
        {
            List<CacheKeyPart> parts =
            [
                new("endpoint", operation), new("model", target.Model), new("provider", target.Provider.Slug), new("stream", stream ? "true" : "false"), new("tenant", tenant),
                .. body.EnumerateObject()
                    .Where(member => fields.Count == 0 || fields.Any(member.NameEquals))
                    .Select(member => new CacheKeyPart(Body + member.Name, RuleSetHash.Of(JsonMarshal.GetRawUtf8Value(member.Value))))
                    .OrderBy(part => part.Name, StringComparer.Ordinal),
            ];
            return new CacheKey(RuleSetHash.Of(Written(parts)), parts);
        }
        catch (Exception e) when (e is FormatException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>The names of the parts that differ, in the order of this key's parts and then of the other's.</summary>
    public static IReadOnlyList<string> Differences(IReadOnlyList<CacheKeyPart> one, IReadOnlyList<CacheKeyPart> other) =>
        [.. one.Except(other).Concat(other.Except(one)).Select(part => part.Name).Distinct()];

    private static ReadOnlySpan<byte> Written(IEnumerable<CacheKeyPart> parts)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartArray();
            foreach (var (name, value) in parts)
            {
                writer.WriteStringValue(name);
                writer.WriteStringValue(value);
            }

            writer.WriteEndArray();
        }

        return buffer.WrittenSpan;
    }
}

/// <summary>One thing that a cache key depends on. <paramref name="Value"/>: of a member of the body (`body.messages`) its SHA-256, never the text itself; of the others what they are.</summary>
public readonly record struct CacheKeyPart(string Name, string? Value);
