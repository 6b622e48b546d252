using System.CommandLine;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using GatewayOps.Cli.ControlPlane;
using GatewayOps.Cli.Models;
using GatewayOps.Cli.Output;
using GatewayOps.Client;
using GatewayOps.ControlPlane.Hosting.Diagnosis;
using Microsoft.Extensions.AI;

namespace GatewayOps.Cli.Commands;

/// <summary>
/// `test`: whether a request gets through, step by step with the time that each took: the name, the connection, the service, an answer, a stream. It costs what two short answers cost.
/// Source: checklist S4-16, S4-18.
/// </summary>
public static class TestCommand
{
    private const string Question = "Reply with one word: ok";
    private const int MostTokens = 16, LongestText = 60;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private static readonly Table Steps = new("steps", "step", "", Column.Of("step", "step"), Column.Of("ok", "ok"), Column.Of("ms", "ms"), Column.Of("detail", "detail"), Column.Of("next", "next"));

    public static Command Build(Shell shell)
    {
        var options = new ModelOptions();
        var verb = new Command("test", "Whether a request gets through: settings, name, connection, service, one answer and one stream, a line and a time for each. Asks a model twice for a word.");
        options.AddTo(verb);
        shell.Runs(
            verb,
            async (parse, cancellationToken) =>
            {
                var target = ModelTarget.Find(shell, parse, options);
                var writer = shell.Writer(parse);
                var rows = new JsonArray();
                foreach (var (name, run) in All(target))
                {
                    var row = await RunAsync(name, run, target, isSkipped: rows.Any(row => Cell.Text(row!["ok"]) == "false"), cancellationToken);
                    rows.Add(row);
                    Print(writer, row);
                }

                if (writer.Format != OutputFormat.Table)
                {
                    writer.Write(new JsonObject { ["steps"] = rows.DeepClone() }, Steps);
                }

                return rows.Any(row => Cell.Text(row!["ok"]) == "false") ? ExitCodes.Failed : ExitCodes.Ok;
            },
            new Exits(ExitCodes.Failed, "0 a request gets through, 1 it does not"));
        return verb;
    }

    private static IEnumerable<(string Name, Func<CancellationToken, Task<string>> Run)> All(ModelTarget target)
    {
        var url = target.Options.ResolveEndpoint();
        var isProxied = target.Service is null && HttpClient.DefaultProxy.GetProxy(url) is not null;
        yield return ("settings", _ => Task.FromResult($"{target.Told}, {(target.Options.GatewayToken.Length > 0 ? "with a token" : "without a token")}"));
        if (!isProxied)
        {
            // Behind a web proxy neither is this machine's business.
            yield return ("name", token => NameAsync(url, token));
            yield return ("connection", token => ConnectAsync(url, token));
        }

        if (target.Service is { } service)
        {
            yield return ("service", token => ReadyAsync(service, token));
        }

        yield return ("answer", token => AnswerAsync(target, token));
        yield return ("stream", token => StreamAsync(target, token));
    }

    private static async Task<JsonObject> RunAsync(string name, Func<CancellationToken, Task<string>> run, ModelTarget target, bool isSkipped, CancellationToken cancellationToken)
    {
        if (isSkipped)
        {
            return Row(ok: null, ms: null, "not tried: a step before it failed");
        }

        var started = Stopwatch.GetTimestamp();
        try
        {
            var detail = await run(cancellationToken);
            return Row(ok: true, Elapsed(), detail);
        }
        catch (GatewayException e)
        {
            var told = ModelFailure.Of(e, target);
            return Row(ok: false, Elapsed(), told.Message, told.Next);
        }
        catch (CliException e)
        {
            return Row(ok: false, Elapsed(), e.Message, e.Next);
        }

        long Elapsed() => (long)Stopwatch.GetElapsedTime(started).TotalMilliseconds;

        JsonObject Row(bool? ok, long? ms, string detail, string? next = null) => new() { ["step"] = name, ["ok"] = ok, ["ms"] = ms, ["detail"] = detail, ["next"] = next };
    }

    private static async Task<string> NameAsync(Uri url, CancellationToken cancellationToken)
    {
        try
        {
            var found = await Dns.GetHostAddressesAsync(url.DnsSafeHost, cancellationToken).WaitAsync(Patience, cancellationToken);
            return $"{url.DnsSafeHost} is {string.Join(", ", found.Take(3).Select(address => address.ToString()))}";
        }
        catch (Exception e) when (e is SocketException or TimeoutException)
        {
            throw new CliException($"The name {url.DnsSafeHost} is not known: {e.Message}", "check the address, and the resolver of this machine");
        }
    }

    private static async Task<string> ConnectAsync(Uri url, CancellationToken cancellationToken)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { Timeout = Patience };
        try
        {
            // Any answer will do: what it is asked for is no secret's business.
            using var request = new HttpRequestMessage(HttpMethod.Head, new Uri(url, "/"));
            using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            return $"{url.Authority} speaks HTTP/{answer.Version}{(url.Scheme == "https" ? " over TLS" : "")}";
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            throw new CliException($"{url.Authority} cannot be reached: {(e is HttpRequestException failed ? $"{Doctor.StageOf(failed.HttpRequestError)}{(failed.InnerException ?? failed).Message}" : $"no answer within {Patience.TotalSeconds:0} s")}", $"see what `curl -sv {url.GetLeftPart(UriPartial.Authority)}` says, and check firewall, certificates and address");
        }
    }

    private static async Task<string> ReadyAsync(ServiceAddress service, CancellationToken cancellationToken)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { Timeout = Patience, BaseAddress = service.Url };
        try
        {
            using var answer = await http.GetAsync("/readyz", cancellationToken);
            return answer.IsSuccessStatusCode ? "ready" : throw new CliException($"The service answers {(int)answer.StatusCode} at /readyz: it is not ready.", "gatewayops doctor says what is missing");
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            throw new CliException("The service does not answer at /readyz.", "gatewayops doctor");
        }
    }

    private static async Task<string> AnswerAsync(ModelTarget target, CancellationToken cancellationToken)
    {
        using var http = target.Connect();
        await using var client = new GatewayChatClient(target.Options, http);
        var reply = await client.ChatAsync(Question, options: new ChatOptions { MaxOutputTokens = MostTokens }, cancellationToken: cancellationToken);
        var cost = await new Costs(target).OfAsync(reply.Usage, client.Metadata.DefaultModelId!, cancellationToken);
        return $"{reply.Usage.Model ?? client.Metadata.DefaultModelId} by {reply.Usage.Provider} says \"{Shown(reply.Text)}\" ({reply.Usage.TotalTokens?.ToString() ?? "untold"} tokens, {(Costs.IsCached(reply.Usage) ? "from the cache" : Dollars.Of(cost))})";
    }

    private static async Task<string> StreamAsync(ModelTarget target, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        await using var client = new GatewayChatClient(target.Options);
        var (first, pieces) = (TimeSpan.Zero, 0);
        await foreach (var update in client.GetStreamingResponseAsync([new ChatMessage(ChatRole.User, Question)], new ChatOptions { MaxOutputTokens = MostTokens }, cancellationToken))
        {
            if (update.Text.Length > 0 && pieces++ == 0)
            {
                first = Stopwatch.GetElapsedTime(started);
            }
        }

        return $"whole, in {pieces} pieces, the first after {first.TotalMilliseconds:0} ms";
    }

    private static void Print(OutputWriter writer, JsonObject row)
    {
        if (writer.Format != OutputFormat.Table)
        {
            return;
        }

        var (mark, ink) = row["ok"] is null ? ("skip", Ink.Noted) : Cell.Flag(row["ok"]) ? ("ok  ", Ink.Good) : ("FAIL", Ink.Bad);
        var time = row["ms"] is { } ms ? $"{Cell.Text(ms)} ms" : "";
        var next = row["next"] is { } command ? $"; {Cell.Text(command)}" : "";
        writer.Line($"{mark}  {Cell.Text(row["step"]),-10}  {time,9}  {Cell.Text(row["detail"])}{next}", ink);
    }

    private static string Shown(string text) => PlainText.Line(text.Trim()) is var line && line.Length > LongestText ? line[..LongestText] + "…" : line;
}
