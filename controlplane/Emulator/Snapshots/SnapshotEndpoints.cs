using GatewayOps.Emulator.Admin;
using GatewayOps.Emulator.Management;
using GatewayOps.Emulator.State;
using Microsoft.AspNetCore.Http.Features;

namespace GatewayOps.Emulator.Snapshots;

/// <summary>The state as a document: `/_emulator/snapshot`. Ours, not Cloudflare's.</summary>
public static class SnapshotEndpoints
{
    private const int LargestBody = 64 * 1024 * 1024;

    public static IServiceCollection AddSnapshots(this IServiceCollection services) => services
        .AddSingleton<AccountParts>()
        .AddSingleton<GatewayParts>()
        .AddSingleton<SnapshotFormat>()
        .AddSingleton<SnapshotFile>();

    /// <summary>Takes over the file of the options, which every reset goes back to.</summary>
    /// <exception cref="SnapshotException">What is in the file cannot be loaded.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static void StartFromFile(this IServiceProvider services)
    {
        if (services.GetRequiredService<SnapshotFile>().Load() is not { } loaded)
            return;
        services.GetRequiredService<EmulatorClock>().AdvanceTo(loaded.ClockAhead);
        services.GetRequiredService<EmulatorState>().StartWith(loaded.Fill);
    }

    /// <param name="admin">The group at /_emulator.</param>
    public static void MapSnapshots(this RouteGroupBuilder admin)
    {
        admin.MapGet("/snapshot", (SnapshotFormat format, SnapshotFile file) => Results.Bytes(format.Save(file.Choice), "application/json")).WithSummary("The state as a document");
        admin.MapPost("/snapshot", Save).WithSummary("Save the state to the file");
        admin.MapPut("/snapshot", LoadAsync).WithSummary("Take a state over").Takes(((IEndpointRouteBuilder)admin).Of<SnapshotFormat>().Shape);
    }

    private static IResult Save(SnapshotFile file)
    {
        try
        {
            return file.Save() is { } path
                ? AdminJson.Answer(new { saved = path })
                : AdminJson.Answer(new { error = "There is no file to save to: start the emulator with --state FILE, or take the document by GET." }, StatusCodes.Status409Conflict);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return AdminJson.Answer(new { error = $"The file cannot be written: {e.Message}" }, StatusCodes.Status500InternalServerError);
        }
    }

    // The state of now; a reset still goes back to the state of the start.
    private static async Task<IResult> LoadAsync(HttpContext context, SnapshotFormat format, EmulatorState state, EmulatorClock clock, CancellationToken cancellationToken)
    {
        context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = LargestBody;
        using var body = new MemoryStream();
        try
        {
            await context.Request.Body.CopyToAsync(body, cancellationToken);
            var loaded = format.Read(body.GetBuffer().AsMemory(0, (int)body.Length));
            clock.AdvanceTo(loaded.ClockAhead);
            state.Load(loaded.Fill);
            return Results.NoContent();
        }
        catch (SnapshotException e)
        {
            return AdminJson.Answer(new { error = e.Problem, pointer = e.Pointer }, StatusCodes.Status400BadRequest);
        }
        catch (BadHttpRequestException e)
        {
            return AdminJson.Answer(new { error = e.Message }, e.StatusCode);
        }
    }
}
