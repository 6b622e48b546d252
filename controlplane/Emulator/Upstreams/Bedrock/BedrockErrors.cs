namespace GatewayOps.Emulator.Upstreams.Bedrock;

/// <summary>Errors of AWS: `{"message"}`, the name of the exception in a header.</summary>
public sealed class BedrockErrors : ErrorDialect
{
    public static readonly BedrockErrors Instance = new();

    protected override int StatusOf(RefusalKind kind) => kind switch
    {
        RefusalKind.KeyMissing or RefusalKind.KeyRefused => 403,
        RefusalKind.ModelUnknown => 400,
        _ => base.StatusOf(kind),
    };

    protected override byte[] Body(int status, Refusal refusal, UpstreamRequest? request) => WireJson.Bytes(refusal.Kind switch
    {
        RefusalKind.KeyMissing => "Missing Authentication Token",
        RefusalKind.KeyRefused => "The security token included in the request is invalid.",
        RefusalKind.ModelUnknown => "The provided model identifier is invalid.",
        RefusalKind.PathUnknown => "Unable to determine service/operation name to be authorized",
        RefusalKind.ContextExceeded => "Input is too long for requested model.",
        RefusalKind.RateLimited => "Too many requests, please wait before trying again.",
        _ => refusal.Message,
    }, static (json, message) =>
    {
        json.WriteStartObject();
        json.WriteString("message"u8, message);
        json.WriteEndObject();
    });

    protected override IReadOnlyList<KeyValuePair<string, string>> Headers(Refusal refusal) =>
    [
        new("x-amzn-errortype", (refusal.Kind, refusal.Status) switch
        {
            (RefusalKind.KeyMissing, _) => "MissingAuthenticationTokenException",
            (RefusalKind.KeyRefused, _) => "UnrecognizedClientException",
            (RefusalKind.Forbidden, _) => "AccessDeniedException",
            (RefusalKind.NotFound, _) => "ResourceNotFoundException",
            (RefusalKind.PathUnknown, _) => "UnknownOperationException",
            (RefusalKind.RateLimited, _) => "ThrottlingException",
            (RefusalKind.Overloaded, _) => "ServiceUnavailableException",
            (RefusalKind.ServerFailed, _) => "InternalServerException",
            _ => "ValidationException",
        }),
    ];
}
