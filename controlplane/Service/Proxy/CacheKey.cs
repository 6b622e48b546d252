using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using GatewayOps.Rules;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>
/// The cache key of a request under a rule: SHA-256 over the fields that the rule lists, in canonical form, and what is always part of a key:
/// endpoint, model, provider, stream and, unless the rule shares, the tenant. Source: product contract, section 6.
/// </summary>
public static class CacheKey
{
    /// <summary>
    /// 64 hex digits. <paramref name="fields"/> are top-level members of the body; none listed means all. An absent field and a null differ.
    /// Null for a body that has no canonical form (half of a surrogate pair in a string, extreme depth): such a request is not cached.
    /// </summary>
    public static string? Of(string operation, JsonElement body, IReadOnlyList<string> fields, UpstreamTarget target, bool stream, string? tenant)
    {
        try
        {
            return RuleSetHash.Of(Components(operation, body, fields, target, stream, tenant));
        }
        catch (Exception e) when (e is FormatException or InvalidOperationException)
        {
            return null;
        }
    }

    private static ReadOnlySpan<byte> Components(string operation, JsonElement body, IReadOnlyList<string> fields, UpstreamTarget target, bool stream, string? tenant)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("endpoint", operation);
            writer.WriteString("model", target.Model);
            writer.WriteString("provider", target.Provider.Slug);
            writer.WriteBoolean("stream", stream);
            writer.WriteString("tenant", tenant);
            writer.WriteStartObject("fields");
            foreach (var member in body.EnumerateObject())
            {
                if (fields.Count == 0 || fields.Any(member.NameEquals))
                {
                    writer.WritePropertyName(member.Name);
                    writer.WriteRawValue(JsonMarshal.GetRawUtf8Value(member.Value), skipInputValidation: true);
                }
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan;
    }
}
