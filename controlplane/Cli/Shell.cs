using System.CommandLine;
using GatewayOps.Cli.ControlPlane;
using GatewayOps.Cli.Output;

namespace GatewayOps.Cli;

/// <summary>What every verb shares: the global options, where output goes, and how an expected failure is printed.</summary>
public sealed class Shell(TextWriter output, TextWriter errors)
{
    public Option<OutputFormat> Format { get; } = new("--output", "-o", "--format")
    {
        Description = "How data is printed: table, json, yaml or name.",
        DefaultValueFactory = _ => OutputFormat.Table,
        Recursive = true,
    };

    public Option<string> Data { get; } = new("--data")
    {
        Description = "Data folder of `dev`: its PostgreSQL, logs and address.",
        DefaultValueFactory = _ => ".gatewayops",
        Recursive = true,
    };

    public TextWriter Output => output;
    public TextWriter Errors => errors;

    /// <summary>A verb that talks to the service.</summary>
    public void Calls(Command verb, Func<Call, CancellationToken, Task<int>> run, int failure = ExitCodes.Failed) =>
        Runs(
            verb,
            async (parse, cancellationToken) =>
            {
                using var api = new ControlPlaneApi(ServiceAddress.Find(parse.GetRequiredValue(Data)));
                return await run(new Call(parse, api, Writer(parse)), cancellationToken);
            },
            failure);

    /// <summary>A verb on its own. `failure` is the exit code of an error: 2 for verbs that compare.</summary>
    public void Runs(Command verb, Func<ParseResult, CancellationToken, Task<int>> run, int failure = ExitCodes.Failed) =>
        verb.SetAction(async (parse, cancellationToken) =>
        {
            try
            {
                return await run(parse, cancellationToken);
            }
            catch (CliException e)
            {
                await errors.WriteLineAsync($"error: {e.Message}");
                if (e.Next is not null)
                {
                    await errors.WriteLineAsync($"next:  {e.Next}");
                }

                return e.ExitCode == ExitCodes.Failed ? failure : e.ExitCode;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                await errors.WriteLineAsync("stopped");
                return 130; // what a shell reports after an interrupt
            }
        });

    public OutputWriter Writer(ParseResult parse) => new(parse.GetRequiredValue(Format), output, errors);
}

/// <summary>One invocation of a verb that talks to the service.</summary>
public sealed record Call(ParseResult Parse, ControlPlaneApi Api, OutputWriter Writer)
{
    public T Value<T>(Option<T> option) => Parse.GetRequiredValue(option);

    public T? Optional<T>(Option<T> option) => Parse.GetValue(option);

    public T Value<T>(Argument<T> argument) => Parse.GetRequiredValue(argument);
}
