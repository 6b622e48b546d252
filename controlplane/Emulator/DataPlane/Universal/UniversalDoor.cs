namespace GatewayOps.Emulator.DataPlane.Universal;

/// <summary>
/// POST on the gateway itself (contract 14): steps in their order, the next one on an error or a timeout. `cf-aig-step` tells which one answered; when
/// all fail, that is the last one.
/// </summary>
public sealed class UniversalDoor(GatewayDoor door, EmulatorOptions options)
{
    public async Task HandleAsync(HttpContext context, string accountId, string gatewayId)
    {
        var (request, response, gone) = (context.Request, context.Response, context.RequestAborted);
        var (arrival, refusal) = door.Enter(accountId, gatewayId, CallSurface.Universal, request.Headers, context.Connection.RemoteIpAddress);
        if (arrival is null)
        {
            await HttpDoor.RefuseAsync(response, refusal!, gone);
            return;
        }
        if (await RequestBody.ReadBytesAsync(request, gone) is not { } body)
        {
            await HttpDoor.RefuseAsync(response, GatewayError.BodyTooLarge, gone);
            return;
        }
        var (steps, error) = UniversalRequest.Read(body);
        if (error is not null)
        {
            await HttpDoor.RefuseAsync(response, error, gone);
            return;
        }
        await using var answer = await RunAsync(arrival, steps, gone);
        await HttpAnswer.WriteAsync(response, arrival, answer, gone);
    }

    private async Task<CallAnswer> RunAsync(Arrival arrival, IReadOnlyList<UniversalStep> steps, CancellationToken gone)
    {
        CallAnswer? first = null;
        for (var index = 0; ; index++)
        {
            var answer = await door.RunAsync(arrival, steps[index].Wish(arrival, index), gone);
            if (answer.IsSuccess || index == steps.Count - 1)
            {
                var (told, other) = answer.IsSuccess || first is null ? (answer, first) : (first, answer);
                await (other?.DisposeAsync() ?? default);
                return told;
            }
            if (options.Assumptions.FirstFailureAnswers && first is null)
            {
                answer.Settle();
                first = answer;
            }
            else
            {
                await answer.DisposeAsync();
            }
        }
    }
}
