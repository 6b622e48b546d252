using System.CommandLine;
using System.Text;
using System.Text.Json.Nodes;
using GatewayOps.Cli.Output;
using GatewayOps.Rules;

namespace GatewayOps.Cli.Commands;

/// <summary>
/// `configure`: the few settings that most people want, without writing a document. They are kept as a rule set of their own, whose large priority
/// lets it win over others, and applied at once. Source: checklist S1-16.
/// </summary>
public static class ConfigureCommand
{
    public const string RuleSetName = "configured";

    // The limit is one per minute, as the option says.
    private const int Interval = 60;

    private const int Priority = 900;

    public static Command Build(Shell shell)
    {
        var provider = new Option<string?>("--provider", "-p") { Description = "Provider to send requests to; a further one is tried after those that were given before." };
        var ttl = new Option<int?>("--cache-ttl") { Description = "Seconds that the gateway keeps answers; 0 keeps none." };
        var limit = new Option<int?>("--rate-limit") { Description = "Requests per minute through the gateway; 0 is no limit." };
        var gateway = new Option<string?>("--gateway", "-g") { Description = "Gateway id; default: the service's own." };
        var verb = new Command("configure", $"Set the provider, cache time or rate limit of a gateway, at once. It is kept as the rule set `{RuleSetName}`.") { provider, ttl, limit, gateway };
        shell.Calls(verb, async (call, cancellationToken) =>
        {
            if (call.Optional(provider) is null && call.Optional(ttl) is null && call.Optional(limit) is null)
            {
                throw new CliException("There is nothing to configure.", "give --provider, --cache-ttl or --rate-limit: gatewayops configure --help");
            }

            var name = call.Optional(gateway) is { } id ? $"{RuleSetName}-{id}" : RuleSetName;
            var stored = await call.Api.FindAsync(ContentCommand.Of(name), cancellationToken);
            var document = Document(stored is null ? [] : JsonNode.Parse(stored)!.AsObject(), name, call.Optional(gateway), call.Optional(provider), call.Optional(ttl), call.Optional(limit));
            var bytes = Encoding.UTF8.GetBytes(document.ToJsonString());
            if (RuleSetReader.Read(bytes) is { IsValid: false, Errors: var errors })
            {
                throw new CliException(string.Join('\n', errors.Select(error => $"{OptionOf(error.Pointer)}: {error.Message}")), "gatewayops configure --help");
            }

            var added = await ContentCommand.AddAsync(call.Api, name, bytes, cancellationToken);
            var body = new JsonObject { ["revision"] = Cell.Member(added, "revision").DeepClone() };
            return RunPrinter.Print(call.Writer, await call.Api.PostAsync($"{ContentCommand.Of(name)}/execute", body, cancellationToken));
        });
        return verb;
    }

    /// <summary>What was configured before, with the given values in their place.</summary>
    public static JsonObject Document(JsonObject document, string name, string? gateway, string? provider, int? ttl, int? limit)
    {
        document["name"] = name;
        document["priority"] ??= Priority;
        if (gateway is not null)
        {
            document["gateways"] = new JsonArray(gateway);
        }

        document["providers"] ??= new JsonArray();
        document["settings"] ??= new JsonObject();
        var (providers, settings) = (document["providers"]!.AsArray(), document["settings"]!.AsObject());
        if (provider is not null && !Cell.Items(providers).Any(entry => Cell.Text(entry["name"]) == provider))
        {
            providers.Add(new JsonObject { ["name"] = provider, ["priority"] = Cell.Items(providers).Select(entry => (int)entry["priority"]!).DefaultIfEmpty(0).Max() + 1 });
        }

        if (ttl is { } seconds)
        {
            settings["cache_ttl"] = seconds;
        }

        if (limit is { } requests)
        {
            settings["rate_limiting_limit"] = requests;
            settings["rate_limiting_interval"] = requests == 0 ? 0 : Interval;
            settings["rate_limiting_technique"] = "sliding";
        }

        return document;
    }

    private static string OptionOf(string pointer) => pointer switch
    {
        "/settings/cache_ttl" => "--cache-ttl",
        "/settings/rate_limiting_limit" => "--rate-limit",
        "/gateways/0" => "--gateway",
        _ when pointer.StartsWith("/providers/", StringComparison.Ordinal) => "--provider",
        _ => pointer,
    };
}
