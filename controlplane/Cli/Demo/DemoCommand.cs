using System.CommandLine;
using System.Diagnostics;
using GatewayOps.Cli.Dev;
using Spectre.Console;

namespace GatewayOps.Cli.Demo;

/// <summary>`demo`: the main job from nothing on real processes, ending by itself; non-zero and the name of the step when a promise does not hold.</summary>
public static class DemoCommand
{
    private static readonly TimeSpan StepLimit = TimeSpan.FromSeconds(45);

    public static Command Build(Shell shell)
    {
        var sabotage = new Option<string?>("--break") { Description = "Break the world before this step, to see the demo fail there.", Hidden = true };
        sabotage.AcceptOnlyFromAmong([.. DemoSteps.All.Select(step => step.Name)]);
        var verb = new Command("demo", "Show the main job from nothing in under a minute: provision, execute, proxy, cache, fail over, limit, poll, repair, measure.") { sabotage };
        shell.Runs(verb, (parse, cancellationToken) => RunAsync(shell, parse.GetValue(sabotage), cancellationToken));
        return verb;
    }

    private static async Task<int> RunAsync(Shell shell, string? sabotaged, CancellationToken cancellationToken)
    {
        var since = Stopwatch.GetTimestamp();
        var folder = Directory.CreateTempSubdirectory("gatewayops-demo-").FullName;
        try
        {
            await using var environment = await DevEnvironment.StartAsync(Settings(folder), shell.Errors.WriteLine, cancellationToken);
            using var world = new DemoWorld(environment);
            var figures = new List<(string Step, Figure Figure)>();
            foreach (var step in DemoSteps.All)
            {
                await shell.Errors.WriteLineAsync($"{step.Name}: {step.What}");
                if (step.Name == sabotaged)
                {
                    await step.Sabotage(world, cancellationToken);
                }

                figures.AddRange((await StepAsync(step, world, cancellationToken)).Select(figure => (step.Name, figure)));
            }

            Print(shell.Output, figures);
            await shell.Errors.WriteLineAsync($"done in {Stopwatch.GetElapsedTime(since).TotalSeconds:0.0} s");
            return ExitCodes.Ok;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<IReadOnlyList<Figure>> StepAsync(DemoStep step, DemoWorld world, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(StepLimit);
        try
        {
            return await step.Run(world, limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CliException($"step `{step.Name}` ({step.What}) did not end within {StepLimit.TotalSeconds:0} s", "gatewayops dev, then repeat the step by hand");
        }
        catch (Exception e) when (e is DemoException or CliException or HttpRequestException)
        {
            throw new CliException($"step `{step.Name}` ({step.What}) failed: {e.Message}", "gatewayops dev, then repeat the step by hand");
        }
    }

    // Free ports and a folder of its own: the demo runs beside a `dev`. Short intervals: it ends within a minute.
    private static DevSettings Settings(string folder) => new()
    {
        Port = Ports.Free(),
        EmulatorPort = Ports.Free(),
        DataFolder = folder,
        Service = new Dictionary<string, string>
        {
            ["GatewayOps__Reconciliation__Interval"] = "00:00:02",
            ["GatewayOps__Ingestion__Interval"] = "00:00:01",
        },
    };

    private static void Print(TextWriter output, IEnumerable<(string Step, Figure Figure)> figures)
    {
        var table = new Table().Border(TableBorder.Ascii2).AddColumns("step", "figure", "value", "read from");
        foreach (var (step, figure) in figures)
        {
            table.AddRow(new Text(step), new Text(figure.Name), new Text(figure.Value), new Text(figure.Source));
        }

        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(output) });
        console.Profile.Width = 120;
        console.Write(table);
    }
}
