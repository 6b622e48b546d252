using System.Text.Json;
using GatewayOps.Emulator.Upstreams.Simulation;

namespace GatewayOps.Emulator.Upstreams;

/// <summary>A provider that answers by itself, in the dialects that it really speaks: see <see cref="ProviderDialects"/>.</summary>
/// <param name="acceptedKeys">Keys that it takes; null takes any key that is not empty.</param>
public sealed class SimulatedProvider(ProviderDialects dialects, ProviderKnowledge knowledge, IReadOnlyList<string>? acceptedKeys) : IUpstream
{
    public Task<UpstreamReply> SendAsync(UpstreamRequest request, CancellationToken cancellationToken) => Task.FromResult(Answer(request));

    private UpstreamReply Answer(UpstreamRequest request)
    {
        foreach (var operation in dialects.Operations)
            if (operation.Match(request.Method, request.Path) is { } captured)
                return Answer(request, operation, captured);
        return KeyRefusal(request) is { } refusal
            ? dialects.Errors.Answer(refusal, request)
            : dialects.Errors.Answer(new Refusal(RefusalKind.PathUnknown, $"{request.Method} /{request.Path}"), request);
    }

    private UpstreamReply Answer(UpstreamRequest request, Operation operation, string captured)
    {
        if (KeyRefusal(request) is { } refusal)
            return operation.Errors.Answer(refusal, request);
        try
        {
            if (!operation.ReadsJson)
                return operation.Answer(new SimulatedCall(request, default, captured, knowledge));
            using var body = JsonDocument.Parse(request.Body);
            return operation.Answer(new SimulatedCall(request, body.RootElement, captured, knowledge));
        }
        catch (RefusedException refused)
        {
            return operation.Errors.Answer(refused.Refusal, request);
        }
        catch (SchemaSampleException refused)
        {
            return operation.Errors.Answer(
                new Refusal(RefusalKind.BadRequest, $"Invalid schema: {refused.Message}.", "response_format", "invalid_json_schema"), request);
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: text that is no valid UTF-8 or a lone surrogate shows only when it is read.
            return operation.Errors.Answer(new Refusal(RefusalKind.BadRequest, "We could not parse the JSON body of your request."), request);
        }
    }

    private Refusal? KeyRefusal(UpstreamRequest request)
    {
        if (dialects.KeyOf(request) is not { } key)
            return new Refusal(RefusalKind.KeyMissing, "");
        return acceptedKeys is null || acceptedKeys.Contains(key) ? null : new Refusal(RefusalKind.KeyRefused, "", Code: "invalid_api_key");
    }
}
