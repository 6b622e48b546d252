namespace GatewayOps.Emulator.Admin;

/// <summary>Faults of the management API and the requests that it saw.</summary>
public static class ManagementFaultEndpoints
{
    public static void MapManagementFaults(this RouteGroupBuilder admin)
    {
        admin.MapPut("/management/fault", Set).WithSummary("Break management requests");
        admin.MapDelete("/management/fault", Clear).WithSummary("Break none any more");
        admin.MapGet("/management/requests", (ManagementRequests requests) => AdminJson.Answer(new { requests = requests.All })).WithSummary("Management requests that came in");
        admin.MapDelete("/management/requests", Forget).WithSummary("Forget them");
    }

    private static async Task<IResult> Set(HttpRequest request, ManagementFaults faults, CancellationToken cancellationToken)
    {
        var (fault, refusal) = await AdminJson.ReadAsync<ManagementFault>(request, cancellationToken);
        if (fault is null)
            return refusal!;
        if (fault.Problem() is { } problem)
            return AdminJson.Refuse(problem);
        return faults.Set(fault) ? AdminJson.Answer(fault) : AdminJson.Refuse("Too many faults are set: clear them first.");
    }

    private static IResult Clear(ManagementFaults faults)
    {
        faults.Clear();
        return Results.NoContent();
    }

    private static IResult Forget(ManagementRequests requests)
    {
        requests.Clear();
        return Results.NoContent();
    }
}
