using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.RegularExpressions;
using GatewayOps.Cli.ControlPlane;
using GatewayOps.Cli.Output;

namespace GatewayOps.Cli;

/// <summary>What every verb shares: the global options, where output goes, and how an expected failure is printed.</summary>
public sealed partial class Shell(TextWriter output, TextWriter errors)
{
    private readonly Dictionary<Command, int> _failures = [];

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
    public void Runs(Command verb, Func<ParseResult, CancellationToken, Task<int>> run, int failure = ExitCodes.Failed)
    {
        _failures[verb] = failure;
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
    }

    /// <summary>Arguments that are none: each fault on a line, then where help is. Exits as an error of the verb would.</summary>
    public async Task<int> MisspeltAsync(ParseResult parse)
    {
        foreach (var fault in parse.Errors)
        {
            await errors.WriteLineAsync($"error: {NotANumber().Replace(fault.Message, "${option}: '${given}' is not a whole number.")}");
        }

        var verbs = new List<string>();
        for (SymbolResult? result = parse.CommandResult; result is CommandResult { Command: not RootCommand } command; result = result.Parent)
        {
            verbs.Insert(0, command.Command.Name);
        }

        await errors.WriteLineAsync($"next:  {string.Join(' ', ["gatewayops", .. verbs, "--help"])}");
        return _failures.GetValueOrDefault(parse.CommandResult.Command, ExitCodes.Failed);
    }

    public OutputWriter Writer(ParseResult parse) => new(parse.GetRequiredValue(Format), output, errors);

    // System.CommandLine names the .NET type.
    [GeneratedRegex("^Cannot parse argument '(?<given>.*)' for option '(?<option>.*)' as expected type '.*Int32.*$")]
    private static partial Regex NotANumber();
}

/// <summary>One invocation of a verb that talks to the service.</summary>
public sealed record Call(ParseResult Parse, ControlPlaneApi Api, OutputWriter Writer)
{
    public T Value<T>(Option<T> option) => Parse.GetRequiredValue(option);

    public T? Optional<T>(Option<T> option) => Parse.GetValue(option);

    public T Value<T>(Argument<T> argument) => Parse.GetRequiredValue(argument);
}
