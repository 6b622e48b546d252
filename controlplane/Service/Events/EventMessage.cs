using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using GatewayOps.ControlPlane.Storage;

namespace GatewayOps.ControlPlane.Events;

/// <summary>One audit row as an event. Sources: CloudEvents 1.0, JSON format; Standard Webhooks 1.0 for the signature.</summary>
public static class EventMessage
{
    public const string ContentType = "application/cloudevents+json";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>The event's id: the row's place in the chain. A repetition has the same.</summary>
    public static string IdOf(long sequence) => sequence.ToString(CultureInfo.InvariantCulture);

    public static byte[] BodyOf(AuditRow row, string source) => JsonSerializer.SerializeToUtf8Bytes(
        new
        {
            specversion = "1.0",
            id = IdOf(row.Sequence!.Value),
            source,
            type = "gatewayops." + row.Action,
            subject = row.Target,
            time = row.At.UtcDateTime,
            datacontenttype = "application/json",
            data = new { sequence = row.Sequence, row.At, row.Actor, row.Action, row.Target, row.RequestId, row.BeforeHash, row.AfterHash, row.Result, row.PreviousHash, row.Hash },
        },
        Json);

    /// <summary>`webhook-signature`: `v1,` and base64 of the HMAC-SHA256 over `{id}.{timestamp}.{body}`, once for each secret.</summary>
    /// <param name="timestamp">`webhook-timestamp`: seconds since 1970 of this attempt.</param>
    public static string SignatureOf(string id, long timestamp, byte[] body, IEnumerable<byte[]> secrets)
    {
        byte[] signed = [.. Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}.{timestamp}.")), .. body];
        return string.Join(' ', secrets.Select(secret => "v1," + Convert.ToBase64String(HMACSHA256.HashData(secret, signed))));
    }
}
