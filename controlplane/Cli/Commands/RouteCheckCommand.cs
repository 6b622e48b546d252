using System.CommandLine;
using System.Text.Json.Nodes;
using GatewayOps.Cli.Output;

namespace GatewayOps.Cli.Commands;

/// <summary>`route-check`: what the proxy would do with a request, without doing it.</summary>
public static class RouteCheckCommand
{
    public const string Path = "/v1/route-check";

    private static readonly Table Upstreams = new(
        "upstreams",
        "provider/model",
        "No upstream.",
        Column.Of("provider", "provider"),
        Column.Of("model", "model"),
        Column.Of("timeout ms", "timeout_ms"),
        Column.Of("available", "available"),
        Column.Of("refused because", "refusal"));

    public static Command Build(Shell shell)
    {
        var model = new Option<string?>("--model") { Description = "Model as a request would name it; default: none, which is the proxy's default model." };
        var provider = new Option<string?>("--provider", "-p") { Description = "Provider that the request would name." };
        var path = PathOption();
        var file = new Option<string?>("--file", "-f") { Description = "The request itself (JSON, - is stdin), in the place of --model and --provider: its cache key and its share of quotas are told, too." };
        var verb = new Command("route-check", "Which rule, provider, cache key and limits a request would meet. No provider is asked and nothing is counted.") { model, provider, path, file };
        shell.Asks(
            verb,
            async (call, cancellationToken) =>
            {
                if (call.Optional(file) is not null && (call.Optional(model) ?? call.Optional(provider)) is not null)
                {
                    throw new CliException("--file and --model or --provider are both given.", "leave one of them out: the request says both itself");
                }

                var told = call.Optional(file) is { } request
                    ? await call.Api.PostAsync(For(call.Optional(path)), await Input.BytesAsync(request, "request", cancellationToken), cancellationToken)
                    : await call.Api.GetAsync(For(call.Optional(path), ("model", call.Optional(model)), ("provider", call.Optional(provider))), cancellationToken);
                Print(call.Writer, told);
                return Cell.Flag(told["verdict"]?["allowed"]) ? ExitCodes.Ok : ExitCodes.Differences;
            },
            new Exits(ExitCodes.ComparisonFailed, "0 it would be asked, 1 it would be refused, 2 error"));
        return verb;
    }

    public static Option<string?> PathOption() => new("--path") { Description = "Operation of the request; default /chat/completions." };

    public static string For(string? path, params (string Name, string? Value)[] others)
    {
        var query = string.Join('&', others.Prepend(("path", path)).Where(pair => pair.Item2 is not null).Select(pair => $"{pair.Item1}={Uri.EscapeDataString(pair.Item2!)}"));
        return query.Length == 0 ? Path : $"{Path}?{query}";
    }

    private static void Print(OutputWriter writer, JsonNode told)
    {
        if (writer.Format != OutputFormat.Table)
        {
            writer.Write(told, Upstreams);
            return;
        }

        writer.Line($"{Cell.Text(told["requested"])} goes to {Cell.Text(told["provider"])} as {Cell.Text(told["model"])}");
        writer.Line($"  gateway    {Cell.Text(told["gateway"])}, revision {Cell.Text(told["revision"])}");
        writer.Line($"  rule       {Cell.Text(told["rule"])}{(told["condition"] is { } condition ? $" ({Cell.Text(condition)})" : "")}");
        writer.Line($"  fallback   {(Cell.Flag(told["fallback"]) ? "to the next upstream" : "none")}, retries {Cell.Text(told["retries"])}");
        writer.Line($"  cache      {CacheExplainCommand.Words(Cell.Member(told, "cache"))}");
        if (told["rate_limit"] is { } rate)
        {
            writer.Line($"  rate       {Cell.Text(rate["left"])} of {Cell.Text(rate["limit"])} in {Cell.Text(rate["interval"])} s left on this replica");
        }

        foreach (var limit in Cell.Items(told["key"]?["limits"]))
        {
            writer.Line($"  key        {Cell.Text(told["key"]!["name"])}: {Cell.Text(limit["left"])} of {Cell.Text(limit["limit"])} {Cell.Text(limit["kind"])} left");
        }

        var allowed = Cell.Flag(told["verdict"]?["allowed"]);
        writer.Line($"  verdict    {(allowed ? "would be asked" : $"would be refused: {Cell.Text(told["verdict"]?["message"])}")}", allowed ? Ink.Good : Ink.Bad);
        writer.Line("");
        writer.Write(told, Upstreams);
    }
}
