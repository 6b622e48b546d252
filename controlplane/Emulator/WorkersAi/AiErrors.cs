using GatewayOps.Emulator.Upstreams;
using GatewayOps.Emulator.Upstreams.Simulation;

namespace GatewayOps.Emulator.WorkersAi;

/// <summary>Failures as the gateway's own addresses show them: `{name:"AiError",internalCode,httpCode,message,description,requestId}` (contract section 16).</summary>
public sealed class AiErrors : ErrorDialect
{
    public static readonly AiErrors Instance = new();

    /// <summary>Shown to callers without a Cloudflare token.</summary>
    private static readonly byte[] Unauthenticated =
        """{"success":false,"errors":[{"code":10000,"message":"Authentication error"}],"messages":[],"result":null}"""u8.ToArray();

    public static UpstreamReply Answer(AiFailure failure, UpstreamRequest request) =>
        UpstreamReply.Json(failure.Status, Body(failure, Fingerprint.Uuid(Fingerprint.Of(request.Body.Span))));

    public static byte[] Body(AiFailure failure, string requestId) => WireJson.Bytes((failure, requestId), static (json, error) =>
    {
        json.WriteStartObject();
        json.WriteString("name"u8, "AiError"u8);
        json.WriteNumber("internalCode"u8, error.failure.Code);
        json.WriteNumber("httpCode"u8, error.failure.Status);
        json.WriteString("message"u8, $"AiError: {error.failure.Title}: {error.failure.Description} ({error.requestId})");
        json.WriteString("description"u8, error.failure.Description);
        json.WriteString("requestId"u8, error.requestId);
        json.WriteEndObject();
    });

    protected override byte[] Body(int status, Refusal refusal, UpstreamRequest? request)
    {
        if (refusal.Kind is RefusalKind.KeyMissing or RefusalKind.KeyRefused)
            return Unauthenticated;
        var failure = refusal.Kind switch
        {
            RefusalKind.Forbidden => AiFailure.NotAllowed,
            RefusalKind.NotFound or RefusalKind.PathUnknown => AiFailure.InvalidModelId(request?.Path ?? ""),
            RefusalKind.TooLarge => AiFailure.TooLarge,
            RefusalKind.RateLimited => AiFailure.OutOfCapacity,
            RefusalKind.ServerFailed or RefusalKind.Overloaded => AiFailure.Failed,
            _ => status == 408 ? AiFailure.TimedOut : AiFailure.Failed with { Status = status, Description = refusal.Message },
        };
        return Body(failure with { Status = status }, Fingerprint.Uuid(Fingerprint.Of(request is null ? [] : request.Body.Span)));
    }
}
