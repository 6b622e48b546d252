using GatewayOps.Emulator.DataPlane;
using GatewayOps.Emulator.Management;
using GatewayOps.Emulator.State;
using GatewayOps.Emulator.Upstreams;

namespace GatewayOps.Emulator.WorkersAi.Rest;

/// <summary>The REST surface's way to a model: straight to Workers AI, or through a gateway with all that it does (cache, limits, guards, logs).</summary>
public sealed class AiDoor(GatewayDoor gateways, UpstreamDirectory upstreams)
{
    private const string GatewayHeader = "cf-aig-gateway-id";
    private const string AnthropicVersion = "anthropic-version";

    /// <param name="path">At Workers AI: a model, or an address below `v1/`; percent-encoded.</param>
    public async Task WorkersAiAsync(HttpContext context, string path, string query, RequestBody body)
    {
        if (context.Request.Headers.ContainsKey(GatewayHeader))
            await ThroughAsync(context, GatewayProvider.WorkersAi, path, query, body, answer => RestErrors.Enveloped(answer.Status, answer.Whole));
        else
            await StraightAsync(context, path, query, body);
    }

    /// <summary>Another provider in OpenAI's or Anthropic's dialect: its answer as it is.</summary>
    public Task ThirdPartyAsync(HttpContext context, ThirdParty party, string operation, RequestBody body)
    {
        if (operation == "messages" && !context.Request.Headers.ContainsKey(AnthropicVersion))
            context.Request.Headers[AnthropicVersion] = "2023-06-01"; // callers of this surface need not know it
        // The unified chat translates for every provider; the other operations go to the provider's own address.
        return operation == "chat/completions"
            ? ThroughAsync(context, CallTarget.CompatSegment, operation, "", body.WithModel($"{party.Provider.Slug}/{party.Model}"))
            : ThroughAsync(context, party.Provider.Slug, party.PathOf(operation), "", body.WithModel(party.Model));
    }

    /// <summary>`dynamic/{route}`.</summary>
    public Task RouteAsync(HttpContext context, RequestBody body) => ThroughAsync(context, CallTarget.CompatSegment, "chat/completions", "", body);

    /// <summary>`/ai/run` for another provider: its answer inside `{state,result,provider,model}`; streams, images and sounds as they are.</summary>
    public Task RunAsync(HttpContext context, ThirdParty party, ThirdPartyInput input) => ThroughAsync(
        context, party.Provider.Slug, party.PathOf(input.Operation), "", RequestBody.Of(input.Body),
        answer => UpstreamReply.ContentTypeOf(answer.Headers)?.Contains("json", StringComparison.Ordinal) == true ? RunState.Of(party, answer) : answer.Whole);

    private async Task ThroughAsync(
        HttpContext context, string segment, string path, string query, RequestBody body, Func<CallAnswer, byte[]>? shown = null)
    {
        var (request, response, gone) = (context.Request, context.Response, context.RequestAborted);
        var id = request.Headers.TryGetValue(GatewayHeader, out var named) && named is [{ Length: > 0 } one, ..] ? one : GatewayState.DefaultId;
        if (context.Account().FindOrCreateDefault(id) is not { } gateway)
        {
            await HttpDoor.RefuseAsync(response, GatewayError.GatewayMissing, gone);
            return;
        }
        var arrival = GatewayDoor.Enter(context.Account(), gateway, TokenOf(context), CallSurface.Rest, request.Headers);
        var wish = new CallWish(segment, path, query, request.Method, body, arrival.Headers, arrival.Directives);
        await using var answer = await gateways.RunAsync(arrival, wish, gone);
        if (shown is not null && !answer.IsStream)
            answer.Show(shown(answer));
        await HttpAnswer.WriteAsync(response, arrival, answer, gone);
    }

    private async Task StraightAsync(HttpContext context, string path, string query, RequestBody body)
    {
        var provider = GatewayProvider.Find(GatewayProvider.WorkersAi)!;
        var headers = new List<KeyValuePair<string, string>> { ProviderKey.Header(provider, TokenOf(context)) };
        if (context.Request.ContentType is { } type)
            headers.Add(new("content-type", type));
        var (response, gone) = (context.Response, context.RequestAborted);
        using var reply = await upstreams[provider].SendAsync(new UpstreamRequest(provider, "POST", path, query, headers, body.Bytes, body.Stream), gone);
        response.StatusCode = reply.Status;
        foreach (var (name, value) in reply.Headers)
            response.Headers.Append(name, value);
        try
        {
            await foreach (var piece in reply.Body.WithCancellation(gone))
            {
                await response.Body.WriteAsync(reply.Status < 400 ? piece : RestErrors.Enveloped(reply.Status, piece.ToArray()), gone);
                if (reply.IsEventStream)
                    await response.Body.FlushAsync(gone);
            }
        }
        catch (UpstreamUnreachableException broken)
        {
            throw new BrokenAnswerException(broken);
        }
    }

    /// <summary>The credential goes on to Workers AI. The legacy key has no token: any will do there.</summary>
    private static string TokenOf(HttpContext context) => ProviderKey.FromBearer(context.Request.Headers.Authorization.ToString()) ?? context.Caller().Budget;
}
