namespace GatewayOps.Emulator.Admin;

/// <summary>What readers of logs have to put up with.</summary>
public static class LogWeatherEndpoints
{
    private const double MostSkew = 3600;

    public static void MapLogWeather(this RouteGroupBuilder admin) => admin.MapPut("/logs/weather", Set).WithSummary("Disorder, repetitions and clocks of the logs");

    private static async Task<IResult> Set(HttpRequest request, LogWeather weather, CancellationToken cancellationToken)
    {
        var (wish, refusal) = await AdminJson.ReadAsync<LogWeather.Wish>(request, cancellationToken);
        if (wish is null)
            return refusal!;
        if (Math.Abs(wish.TelemetrySkewSeconds) > MostSkew || Math.Abs(wish.ExportSkewSeconds) > MostSkew)
            return AdminJson.Refuse($"telemetrySkewSeconds, exportSkewSeconds: -{MostSkew} to {MostSkew}.");
        weather.Now = wish;
        return AdminJson.Answer(wish);
    }
}
