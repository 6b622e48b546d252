using System.CommandLine;
using System.Text.Json.Nodes;
using GatewayOps.Cli.Output;

namespace GatewayOps.Cli.Commands;

/// <summary>`cache explain`: why a request hits or misses the cache, or why two requests are not one.</summary>
public static class CacheExplainCommand
{
    private static readonly Table Parts = new("parts", "name", "The request has no cache key.", Column.Of("part of the key", "name"), Column.Of("value", "value"));
    private static readonly Table Compared = new("parts", "name", "The requests have no cache key.", Column.Of("part of the key", "name"), Column.Of("first", "first"), Column.Of("second", "second"));

    public static Command Build(Shell shell) => new("cache", "The cache of answers.") { Explain(shell) };

    /// <summary>What is known of a request's place in the cache, in a sentence.</summary>
    public static string Words(JsonNode cache)
    {
        var history = cache["history"];
        var ttl = $"{Cell.Text(cache["ttl"])} s";
        return Cell.Text(cache["state"]) switch
        {
            "gateway_setting" => "no rule says anything about it: the gateway's own cache_ttl holds, whose key is the whole body",
            "off" => "off: the rule keeps these requests out of the cache",
            "body_needed" => $"kept for {ttl}; the key depends on the request itself (--file)",
            "no_key" => "not cached: the body has no canonical form, it holds half of a surrogate pair",
            "kept" => $"hit: request {Cell.Text(history?["requestId"])} was answered at {Cell.Time(history?["at"])} and its answer is kept until {Cell.Time(history?["until"])}",
            "expired" => $"miss, expired: the answer of request {Cell.Text(history?["requestId"])} was kept for {ttl}, until {Cell.Time(history?["until"])}",
            "never_seen" when Cell.Items(history?["differs"]).Any() =>
                $"miss, never seen: it differs from request {Cell.Text(history!["requestId"])} of {Cell.Time(history["at"])} in {Cell.Text(history["differs"])}",
            "never_seen" => "miss, never seen: this replica has answered no request of this caller under this rule",
            var other => other,
        };
    }

    private static Command Explain(Shell shell)
    {
        var file = new Option<string>("--file", "-f") { Description = "The request (JSON, - is stdin).", Required = true };
        var with = new Option<string?>("--with") { Description = "Another request, to compare the two: the parts of the key that differ." };
        var path = RouteCheckCommand.PathOption();
        var verb = new Command("explain", "Why a request would miss the cache: never seen, expired, or which part of the key differs from a request before, or from another file.") { file, with, path };
        shell.Asks(
            verb,
            async (call, cancellationToken) =>
            {
                var first = await CacheOfAsync(call, call.Value(file), call.Optional(path), cancellationToken);
                return call.Optional(with) is { } other
                    ? Compare(call.Writer, first, await CacheOfAsync(call, other, call.Optional(path), cancellationToken))
                    : Print(call.Writer, first);
            },
            new Exits(ExitCodes.ComparisonFailed, "0 it would hit, or both are one, 1 it would miss, or they differ, 2 error"));
        return verb;
    }

    private static async Task<JsonNode> CacheOfAsync(Call call, string file, string? path, CancellationToken cancellationToken) =>
        Cell.Member(await call.Api.PostAsync(RouteCheckCommand.For(path), await Input.BytesAsync(file, "request", cancellationToken), cancellationToken), "cache");

    private static int Print(OutputWriter writer, JsonNode cache)
    {
        if (writer.Format == OutputFormat.Table)
        {
            writer.Line(Words(cache));
            if (cache["parts"] is JsonObject parts)
            {
                writer.Line("");
                writer.Write(new JsonObject { ["parts"] = new JsonArray([.. parts.Select(part => new JsonObject { ["name"] = part.Key, ["value"] = part.Value?.DeepClone() })]) }, Parts);
            }
        }
        else
        {
            writer.Write(cache, Parts with { Rows = "", Name = "state" });
        }

        return Cell.Text(cache["state"]) == "kept" ? ExitCodes.Ok : ExitCodes.Differences;
    }

    private static int Compare(OutputWriter writer, JsonNode first, JsonNode second)
    {
        if ((first["parts"], second["parts"]) is not (JsonObject a, JsonObject b))
        {
            throw new CliException($"There are no two keys to compare: {Words(first["parts"] is null ? first : second)}.", "gatewayops route-check --file FILE shows the rule");
        }

        var names = a.Select(part => part.Key).Union(b.Select(part => part.Key)).ToList();
        var differs = names.Where(name => a.ContainsKey(name) != b.ContainsKey(name) || !JsonNode.DeepEquals(a[name], b[name])).ToList();
        var rows = names.Select(name => new JsonObject { ["name"] = name, ["first"] = a[name]?.DeepClone(), ["second"] = b[name]?.DeepClone(), ["differs"] = differs.Contains(name) });
        if (writer.Format == OutputFormat.Table)
        {
            writer.Line(differs.Count == 0
                ? $"one key: the second is answered from the cache for {Cell.Text(first["ttl"])} s after the first"
                : $"two keys: they differ in {string.Join(", ", differs)}");
            writer.Line("");
        }

        writer.Write(new JsonObject { ["same"] = differs.Count == 0, ["differs"] = new JsonArray([.. differs.Select(name => JsonValue.Create(name))]), ["parts"] = new JsonArray([.. rows]) }, Compared);
        return differs.Count == 0 ? ExitCodes.Ok : ExitCodes.Differences;
    }
}
