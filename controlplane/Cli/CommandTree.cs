using System.CommandLine;
using GatewayOps.Cli.Chat;
using GatewayOps.Cli.Commands;
using GatewayOps.Cli.Completion;
using GatewayOps.Cli.Contexts;
using GatewayOps.Cli.Demo;
using GatewayOps.Cli.Dev;
using GatewayOps.Cli.Output;
using GatewayOps.ControlPlane.Hosting;

namespace GatewayOps.Cli;

/// <summary>The verbs of `gatewayops`. Reads as the table of contents of the command line.</summary>
public static class CommandTree
{
    /// <summary>`@cf/meta/llama-3.1-8b-instruct` is a model, and no file of further arguments.</summary>
    public static ParserConfiguration Parsing { get; } = new() { ResponseFileTokenReplacer = null };

    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter errors, Surroundings surroundings, bool colours = false, Terminal? terminal = null)
    {
        var shell = new Shell(output, errors, surroundings, colours, terminal);
        var parsed = Build(shell).Parse(args, Parsing);
        var faults = Shell.FaultsOf(parsed);
        try
        {
            return faults.Count > 0 ? await shell.MisspeltAsync(parsed, faults) : await parsed.InvokeAsync(new InvocationConfiguration
            {
                Output = output,
                Error = errors,
                EnableDefaultExceptionHandler = false,
                // `dev` stops its children within 5 s and needs the time to do so. Null: signals are left alone.
                ProcessTerminationTimeout = shell.IsInterruptedByItself(parsed.CommandResult.Command) ? null : TimeSpan.FromSeconds(20),
            });
        }
        catch (IOException e) when (StandardOutput.IsGone(e))
        {
            return ExitCodes.BrokenPipe; // whoever reads has had enough: no error
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What a verb reads and writes besides, it explains itself.
            return await shell.UnwritableAsync(parsed, e);
        }
    }

    public static RootCommand Build(Shell shell)
    {
        var root = new RootCommand("Run Cloudflare AI Gateway: rule sets, stored keys, drift, metrics and an OpenAI-compatible proxy.")
        {
            shell.Format,
            shell.Data,
            shell.Context,
            DemoCommand.Build(shell),
            DevCommand.Build(shell),
            ServeCommand.Build(shell),
            EmulatorCommand.Build(shell),
            TrafficCommand.Build(shell),
            HealthCommand.Build(shell),
            InstallCommand.Build(shell),
            InstallCommand.BuildUninstall(shell),
            DoctorCommand.Build(shell),
            TestCommand.Build(shell),
            OpenCommand.Build(shell),
            ConfigCommand.Build(shell),
            CompletionCommand.Build(shell),
            StatusCommand.Build(shell),
            StartCommand.Build(shell),
            ConfigureCommand.Build(shell),
            GatewayCommand.Build(shell),
            ContentCommand.Build(shell),
            ContentCommand.Plan(shell),
            ContentCommand.Execute(shell),
            ContentCommand.Rollback(shell),
            LintCommand.Build(shell),
            ImportCommand.Build(shell),
            StackCommand.Build(shell),
            KeysCommand.Build(shell),
            SecretCommand.Build(shell),
            TokenCommand.Build(shell),
            AuditCommand.Build(shell),
            ReplicasCommand.Build(shell),
            RunsCommand.Build(shell),
            ChatCommand.Build(shell),
            ModelsCommand.Build(shell),
            TokenizeCommand.Build(shell),
            RouteCheckCommand.Build(shell),
            CacheExplainCommand.Build(shell),
            BatchCommand.Build(shell),
            BatchCommand.Alone(shell),
            UsageCommand.Build(shell),
            LogsCommand.Build(shell),
            AnalyticsCommand.Build(shell),
        };
        Help.AddTo(root, shell);
        return root;
    }
}
