using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.Admin;

/// <summary>Health, reset and the clock.</summary>
public static class ClockEndpoints
{
    private const double LongestSeconds = 366 * 86_400;

    public static void MapClock(this RouteGroupBuilder admin)
    {
        admin.MapGet("/health", (EmulatorOptions options) => AdminJson.Answer(new { status = "ok", account = options.AccountId })).WithSummary("Whether it runs");
        admin.MapPost("/reset", Reset).WithSummary("Back to the state of the start");
        admin.MapGet("/clock", Now).WithSummary("The emulator's clock");
        admin.MapPost("/clock/advance", Advance).WithSummary("Move the clock forward");
    }

    private static IResult Reset(EmulatorState state)
    {
        state.Reset();
        return Results.NoContent();
    }

    private static IResult Now(EmulatorClock clock) => AdminJson.Answer(new { now = clock.GetUtcNow() });

    private static async Task<IResult> Advance(HttpRequest request, EmulatorClock clock, CancellationToken cancellationToken)
    {
        var (step, refusal) = await AdminJson.ReadAsync<ClockStep>(request, cancellationToken);
        if (step is null)
            return refusal!;
        if (step.Seconds is not (>= 0 and <= LongestSeconds))
            return AdminJson.Refuse($"seconds: 0 to {LongestSeconds} (a year); the clock never goes back.");
        clock.Advance(TimeSpan.FromSeconds(step.Seconds));
        return Now(clock);
    }

    private sealed record ClockStep
    {
        public required double Seconds { get; init; }
    }
}
