using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.RegularExpressions;
using GatewayOps.Cli.Contexts;
using GatewayOps.Cli.ControlPlane;
using GatewayOps.Cli.Output;
using GatewayOps.ControlPlane.Hosting;

namespace GatewayOps.Cli;

/// <summary>What every verb shares: the global options, where output goes, and how an expected failure is printed.</summary>
public sealed partial class Shell(TextWriter output, TextWriter errors, Surroundings surroundings, bool colours = false, Terminal? terminal = null)
{
    private readonly Dictionary<Command, Exits> _exits = [];
    private readonly HashSet<Command> _interruptible = [];

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

    public Option<string?> Context { get; } = new("--context")
    {
        Description = "Control plane to talk to, by its name in `gatewayops config`; wins over the environment.",
        HelpName = "name",
        Recursive = true,
    };

    /// <summary>Control planes by name.</summary>
    public ContextFile Contexts { get; } = ContextFile.Of(surroundings);

    /// <summary>What a person types into and looks at.</summary>
    public Terminal Terminal { get; } = terminal ?? Terminal.OfProcess();

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
                using var api = new ControlPlaneApi(AsCaller(Address(parse)));
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
                await TellAsync(e);
                return e.ExitCode == ExitCodes.Failed ? failure : e.ExitCode;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                await errors.WriteLineAsync("stopped");
                return ExitCodes.Interrupted;
            }
        });
    }

    /// <summary>What went wrong and why, and the command to go on with.</summary>
    public async Task TellAsync(CliException e)
    {
        await errors.WriteLineAsync($"error: {e.Message}");
        await errors.WriteLineAsync($"next:  {e.Next}");
    }

    /// <summary>
    /// What is wrong with what was typed. An argument would take a misspelt option for its value: it may only behind `--`, and where a verb takes whatever is said, as `serve` does with settings. Nothing is
    /// said by an empty text: it comes of a script's variable that is not set, and would ask for something else than was meant (a list in the place of one of its names).
    /// </summary>
    public static IReadOnlyList<string> FaultsOf(ParseResult parse)
    {
        var quoted = parse.Tokens.SkipWhile(token => token.Type != TokenType.DoubleDash).ToHashSet(ReferenceEqualityComparer.Instance);
        return
        [
            .. parse.Errors.Select(fault => AnotherType().Replace(fault.Message, told => $"{told.Groups["option"].Value}: '{told.Groups["given"].Value}' is not {Kind(told.Groups["type"].Value)}.")),
            .. parse.CommandResult.Command.TreatUnmatchedTokensAsErrors ? Given(parse.CommandResult).Where(given => given.Value.Length == 0).Select(given => $"{given.Name} is empty.").Distinct() : [],
            .. parse.CommandResult.Children.OfType<ArgumentResult>().SelectMany(argument => argument.Tokens)
                .Where(token => parse.CommandResult.Command.TreatUnmatchedTokensAsErrors && !quoted.Contains(token) && AnOption().IsMatch(token.Value))
                .Select(token => $"Unrecognized option '{token.Value}'."),
        ];
    }

    /// <summary>Arguments that are none: each fault on a line, then where help is. Exits as an error of the verb would.</summary>
    public async Task<int> MisspeltAsync(ParseResult parse, IEnumerable<string> faults)
    {
        foreach (var fault in faults)
        {
            await errors.WriteLineAsync($"error: {fault}");
        }

        await errors.WriteLineAsync($"next:  {string.Join(' ', ["gatewayops", .. PathOf(parse.CommandResult), "--help"])}");
        return (ExitsOf(parse.CommandResult.Command) ?? Exits.Plain).Failure;
    }

    /// <summary>What nobody explained better: mostly that nothing can be printed any more, because the disk is full or the descriptor was closed. Exits as an error of the verb would.</summary>
    public async Task<int> UnwritableAsync(ParseResult parse, Exception failure)
    {
        try
        {
            await TellAsync(new CliException($"Writing or reading failed: {failure.Message}", "make room, or send the output elsewhere; what was asked for may have been done"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Nor can this be: the exit code says it alone.
        }

        return (ExitsOf(parse.CommandResult.Command) ?? Exits.Plain).Failure;
    }

    /// <summary>A verb that ends what it does at an interrupt, and goes on itself.</summary>
    public void HandlesInterrupts(Command verb) => _interruptible.Add(verb);

    /// <summary>Whether an interrupt is the verb's own business.</summary>
    public bool IsInterruptedByItself(Command verb) => _interruptible.Contains(verb);

    /// <summary>Where the service is.</summary>
    /// <param name="parse">What was typed.</param>
    /// <param name="variables">In the place of the environment, for verbs that read a file of variables as well.</param>
    public ServiceAddress Address(ParseResult parse, IReadOnlyDictionary<string, string>? variables = null) =>
        ServiceAddress.Find(variables ?? surroundings.Variables, parse.GetRequiredValue(Data), Contexts, parse.GetValue(Context));

    /// <summary>The same service as a caller of its proxy meets it: the operator's token is not sent there.</summary>
    public static ServiceAddress AsCaller(ServiceAddress service) => service with { Token = service.ProxyToken, TokenName = ServiceAddress.ProxyTokenVariable };

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

    // The values of options and arguments, of the verb and of all that stands before it.
    private static IEnumerable<(string Name, string Value)> Given(CommandResult verb)
    {
        for (SymbolResult? result = verb; result is CommandResult command; result = result.Parent)
        {
            foreach (var child in command.Children)
            {
                var name = child switch { OptionResult option => option.Option.Name, ArgumentResult argument => argument.Argument.Name, _ => null };
                foreach (var token in name is null ? [] : child.Tokens)
                {
                    yield return (name!, token.Value);
                }
            }
        }
    }

    private static string Kind(string type) =>
        type.Contains("Int32", StringComparison.Ordinal) || type.Contains("Int64", StringComparison.Ordinal) ? "a whole number"
        : type.Contains(nameof(DateTimeOffset), StringComparison.Ordinal) ? "a time like 2026-11-20T00:00:00Z"
        : type.Contains(nameof(OutputFormat), StringComparison.Ordinal) ? $"one of {string.Join(", ", Enum.GetNames<OutputFormat>()).ToLowerInvariant()}"
        : "a number";

    // System.CommandLine names the .NET type.
    [GeneratedRegex("^Cannot parse argument '(?<given>.*)' for option '(?<option>.*)' as expected type '(?<type>[^']*)'.*$", RegexOptions.Singleline)]
    private static partial Regex AnotherType();

    [GeneratedRegex("^(-[A-Za-z]|--[A-Za-z][A-Za-z-]*(=.*)?)$")]
    private static partial Regex AnOption();
}

/// <summary>One invocation of a verb that talks to the service.</summary>
public sealed record Call(ParseResult Parse, ControlPlaneApi Api, OutputWriter Writer)
{
    public T Value<T>(Option<T> option) => Parse.GetRequiredValue(option);

    public T? Optional<T>(Option<T> option) => Parse.GetValue(option);

    public T Value<T>(Argument<T> argument) => Parse.GetRequiredValue(argument);
}
