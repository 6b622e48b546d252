namespace GatewayOps.Emulator.Upstreams.OpenAi;

/// <summary>A refusal in the words of the OpenAI API.</summary>
public sealed record OpenAiError(int Status, string Message, string Type, string? Param, string? Code)
{
    public static OpenAiError Of(int status, Refusal refusal, UpstreamRequest? request)
    {
        var (message, code) = refusal.Kind switch
        {
            RefusalKind.KeyMissing => ("You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth.", null),
            // The key is not repeated, not even in part.
            RefusalKind.KeyRefused => ("Incorrect API key provided.", "invalid_api_key"),
            RefusalKind.ModelUnknown => ($"The model `{refusal.Message}` does not exist or you do not have access to it.", "model_not_found"),
            RefusalKind.PathUnknown => ($"Invalid URL ({request?.Method} {request?.Provider.Prefix}{request?.Path})", null),
            RefusalKind.ContextExceeded => (
                $"This model's maximum context length is {refusal.Tokens.Window} tokens. However, your messages resulted in {refusal.Tokens.Prompt} tokens. "
                + "Please reduce the length of the messages.", "context_length_exceeded"),
            _ => (refusal.Message, refusal.Code),
        };
        var type = refusal.Kind switch
        {
            RefusalKind.RateLimited => "requests",
            RefusalKind.ServerFailed or RefusalKind.Overloaded => "server_error",
            _ => "invalid_request_error",
        };
        return new OpenAiError(status, message, type, refusal.Kind == RefusalKind.ModelUnknown ? null : refusal.Param, code);
    }
}
