using System.Diagnostics;
using System.Text.Json;

namespace GatewayOps.Infra.Tests.Engine;

/// <summary>The compiled program run as a process of its own, as the language host runs it.</summary>
internal sealed record ProgramRun(int ExitCode, string Output, string Errors)
{
    public static async Task<ProgramRun> AgainstAsync(EngineStandIn engine, IReadOnlyDictionary<string, string> config, IReadOnlyList<string> secretKeys, params (string Name, string Value)[] variables)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(GatewayStack).Assembly.Location]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        (string, string)[] engineVariables =
        [
            ("PULUMI_MONITOR", engine.Address), ("PULUMI_ENGINE", engine.Address), ("PULUMI_PROJECT", "gatewayops"), ("PULUMI_STACK", "prod"), ("PULUMI_ORGANIZATION", "organization"),
            ("PULUMI_DRY_RUN", "false"), ("PULUMI_QUERY_MODE", "false"), ("PULUMI_PARALLEL", "16"), ("PULUMI_CONFIG", JsonSerializer.Serialize(config)), ("PULUMI_CONFIG_SECRET_KEYS", JsonSerializer.Serialize(secretKeys)),
        ];
        foreach (var (name, value) in engineVariables.Concat(variables))
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        return new ProgramRun(process.ExitCode, await output, await errors);
    }
}
