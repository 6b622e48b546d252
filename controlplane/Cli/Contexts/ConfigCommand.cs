using System.CommandLine;
using System.Text.Json.Nodes;
using GatewayOps.Cli.Output;

namespace GatewayOps.Cli.Contexts;

/// <summary>`config`: control planes by name, as kubectl has clusters. Needs no service.</summary>
public static class ConfigCommand
{
    private const int LongestName = 64;

    private static readonly Table Contexts = new(
        "contexts",
        "name",
        "No contexts. Make one: gatewayops config set-context NAME --url URL",
        new("current", row => Cell.Flag(row["current"]) ? "*" : ""),
        Column.Of("name", "name"),
        Column.Of("url", "url"),
        new("operator token", row => Stored(row["hasOperatorToken"])),
        new("proxy token", row => Stored(row["hasProxyToken"])));

    public static Command Build(Shell shell) => new("config", "Control planes by name: get-contexts, current-context, use-context, set-context, delete-context.")
    {
        Get(shell), Current(shell), Use(shell), Set(shell), Delete(shell),
    };

    private static Command Get(Shell shell)
    {
        var verb = new Command("get-contexts", "The contexts that there are, with their addresses. Tokens are not shown.");
        shell.Runs(verb, (parse, _) =>
        {
            var list = shell.Contexts.Read();
            shell.Writer(parse).Write(new JsonObject { ["contexts"] = new JsonArray([.. list.Contexts.Select(context => Row(context, list))]) }, Contexts);
            return Task.FromResult(ExitCodes.Ok);
        });
        return verb;
    }

    private static Command Current(Shell shell)
    {
        var verb = new Command("current-context", "The context that holds where neither --context nor GATEWAYOPS_URL names another, and no `dev` runs in the data folder.");
        shell.Runs(verb, (parse, _) =>
        {
            var list = shell.Contexts.Read();
            var current = list.Current ?? throw new CliException("There is no current context.", "gatewayops config use-context NAME");
            shell.Writer(parse).Write(Row(shell.Contexts.Demand(current), list), Contexts with { Rows = "" });
            return Task.FromResult(ExitCodes.Ok);
        });
        return verb;
    }

    private static Command Use(Shell shell)
    {
        var name = Name();
        var verb = new Command("use-context", "Make a context the current one.") { name };
        shell.Runs(verb, (parse, _) =>
        {
            var context = shell.Contexts.Demand(parse.GetRequiredValue(name));
            shell.Contexts.Write(shell.Contexts.Read() with { Current = context.Name });
            shell.Writer(parse).Message($"now {context.Name}: {context.Url}");
            return Task.FromResult(ExitCodes.Ok);
        });
        return verb;
    }

    private static Command Set(Shell shell)
    {
        var name = Name();
        var url = new Option<string?>("--url") { Description = "Where the service is; needed for a new context." };
        var (variable, file) = Source("--from", "operator token");
        var (proxyVariable, proxyFile) = Source("--proxy-from", "token of the proxy's callers");
        var use = new Option<bool>("--use") { Description = "Make it the current one, too." };
        var verb = new Command("set-context", "Make a context, or change what is given of one. Tokens come from a variable, a file or stdin, and lie in a file that only its owner reads.") { name, url, variable, file, proxyVariable, proxyFile, use };
        shell.Runs(verb, async (parse, cancellationToken) =>
        {
            var given = parse.GetRequiredValue(name);
            if (given.Length is 0 or > LongestName || !given.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
            {
                throw new CliException($"A context's name is 1 to {LongestName} letters, digits, -, _ or dots.", "choose another name");
            }

            var list = shell.Contexts.Read();
            var known = list.Find(given);
            var context = new ServiceContext(
                given,
                UrlOf(parse.GetValue(url)) ?? known?.Url ?? throw new CliException($"There is no context {given} yet, and --url is missing.", $"gatewayops config set-context {given} --url http://127.0.0.1:8787"),
                await SecretAsync(variable, file) ?? known?.OperatorToken,
                await SecretAsync(proxyVariable, proxyFile) ?? known?.ProxyToken);
            list = list.With(context);
            shell.Contexts.Write(parse.GetValue(use) ? list with { Current = given } : list);
            shell.Writer(parse).Message($"{(known is null ? "made" : "changed")} {given}{(parse.GetValue(use) ? ", the current context now" : list.Current == given ? "" : $"\nnext:  gatewayops config use-context {given}")}");
            return ExitCodes.Ok;

            // No source, no token: stdin is read only where it is asked for (-).
            async Task<string?> SecretAsync(Option<string?> fromVariable, Option<string?> fromFile) => (parse.GetValue(fromVariable), parse.GetValue(fromFile)) is (null, null)
                ? null
                : await Input.SecretAsync(shell.Surroundings.Variables, parse.GetValue(fromVariable), parse.GetValue(fromFile), cancellationToken);
        });
        return verb;
    }

    private static Command Delete(Shell shell)
    {
        var name = Name();
        var verb = new Command("delete-context", "Forget a context and its tokens. The control plane itself is left alone.") { name };
        shell.Runs(verb, (parse, _) =>
        {
            var context = shell.Contexts.Demand(parse.GetRequiredValue(name));
            shell.Contexts.Write(shell.Contexts.Read().Without(context.Name));
            shell.Writer(parse).Message($"forgot {context.Name}");
            return Task.FromResult(ExitCodes.Ok);
        });
        return verb;
    }

    private static JsonObject Row(ServiceContext context, ContextList list) => new()
    {
        ["name"] = context.Name,
        ["url"] = context.Url.ToString(),
        ["current"] = context.Name == list.Current,
        ["hasOperatorToken"] = context.OperatorToken is not null,
        ["hasProxyToken"] = context.ProxyToken is not null,
    };

    private static Uri? UrlOf(string? url) => url is null ? null : ContextFile.UrlOf(url) ?? throw new CliException("--url is not an http or https URL, or holds credentials.", "give it like --url https://gateway.example.com");

    private static string Stored(JsonNode? has) => Cell.Flag(has) ? "stored" : "-";

    private static Argument<string> Name() => new("name") { Description = "Name of the context." };

    private static (Option<string?> Variable, Option<string?> File) Source(string prefix, string what) => (
        new($"{prefix}-env") { Description = $"Environment variable that holds the {what}.", HelpName = "variable" },
        new($"{prefix}-file") { Description = $"File that holds the {what}; - is stdin.", HelpName = "path" });
}
