namespace GatewayOps.Emulator;

/// <summary>
/// The delays and limits of the real service, as far as the contract knows them, in the place of the fast mode that the defaults are. Each is an option
/// of its own; controlplane/docs/emulator.md lists them.
/// </summary>
public static class FaithfulMode
{
    public static EmulatorOptions Faithful(this EmulatorOptions options) => options with
    {
        LogVisibilityDelay = TimeSpan.FromSeconds(45),
        SecretActivationDelay = TimeSpan.FromSeconds(3),
        TokenPropagation = TimeSpan.FromMinutes(1),
        PolicyDelay = TimeSpan.FromMinutes(15),
        AnalyticsDelay = TimeSpan.FromMinutes(14),
        RequestsPerSecondPerAddress = 200,
        LogDeletionDelay = TimeSpan.FromSeconds(5),
        MaxLogsPerSecond = 500,
        LongestRetryDelay = TimeSpan.FromMinutes(16),
        FreeNeuronsPerDay = 10_000,
        WorkersAiRateLimits = true,
        BatchDelay = TimeSpan.FromMinutes(1),
    };
}
