using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.RegularExpressions;
using GatewayOps.Cli.ControlPlane;
using GatewayOps.Cli.Output;
using GatewayOps.ControlPlane.Hosting;

namespace GatewayOps.Cli;

/// <summary>What every verb shares: the global options, where output goes, and how an expected failure is printed.</summary>
public sealed partial class Shell(TextWriter output, TextWriter errors, Surroundings surroundings, bool colours = false)
{
    private readonly Dictionary<Command, Exits> _exits = [];

    public Option<OutputFormat> Format { get; } = new("--output", "-o", "--format")
    {
        Description = "How data is printed.",
        HelpName = "table|json|yaml|name",
        DefaultValueFactory = _ => OutputFormat.Table,
        Recursive = true,
    };

    public Option<string> Data { get; } = new("--data")
    {
        Description = "Data folder of `install` and `dev`: PostgreSQL, logs, and where the service is.",
        DefaultValueFactory = _ => ".gatewayops",
        Recursive = true,
    };

    /// <summary>Environment variables and working folder.</summary>
    public Surroundings Surroundings => surroundings;

    public TextWriter Output => output;
    public TextWriter Errors => errors;

    /// <summary>What the exit codes of a verb mean; null for a group of verbs.</summary>
    public Exits? ExitsOf(Command verb) => _exits.GetValueOrDefault(verb);

    /// <summary>A verb that talks to the service.</summary>
    public void Calls(Command verb, Func<Call, CancellationToken, Task<int>> run, Exits? exits = null) =>
        Runs(
            verb,
            async (parse, cancellationToken) =>
            {
                using var api = new ControlPlaneApi(Address(parse));
                return await run(new Call(parse, api, Writer(parse)), cancellationToken);
            },
            exits);

    /// <summary>A verb that asks the proxy, whose callers have tokens of their own: AUTH_TOKEN, or a virtual key in that variable. The operator's token is not sent there.</summary>
    public void Asks(Command verb, Func<Call, CancellationToken, Task<int>> run, Exits? exits = null) =>
        Runs(
            verb,
            async (parse, cancellationToken) =>
            {
                using var api = new ControlPlaneApi(Address(parse) with { Token = surroundings.Variables.GetValueOrDefault(ServiceAddress.ProxyTokenVariable) });
                return await run(new Call(parse, api, Writer(parse)), cancellationToken);
            },
            exits);

    /// <summary>A verb on its own.</summary>
    public void Runs(Command verb, Func<ParseResult, CancellationToken, Task<int>> run, Exits? exits = null)
    {
        var failure = (_exits[verb] = exits ?? Exits.Plain).Failure;
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
                return ExitCodes.Interrupted;
            }
            catch (IOException e) when (StandardOutput.IsGone(e))
            {
                return ExitCodes.BrokenPipe; // whoever reads has had enough: no error
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

        await errors.WriteLineAsync($"next:  {string.Join(' ', ["gatewayops", .. PathOf(parse.CommandResult), "--help"])}");
        return (ExitsOf(parse.CommandResult.Command) ?? Exits.Plain).Failure;
    }

    /// <summary>Where the service is.</summary>
    public ServiceAddress Address(ParseResult parse) => ServiceAddress.Find(surroundings.Variables, parse.GetRequiredValue(Data));

    public OutputWriter Writer(ParseResult parse) => new(parse.GetRequiredValue(Format), output, errors, colours);

    /// <summary>The names that lead to a verb: content, add.</summary>
    public static IReadOnlyList<string> PathOf(CommandResult verb)
    {
        var names = new List<string>();
        for (SymbolResult? result = verb; result is CommandResult { Command: not RootCommand } command; result = result.Parent)
        {
            names.Insert(0, command.Command.Name);
        }

        return names;
    }

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
