using System.Net.Http.Json;
using System.Text.Json;
using GatewayOps.Cli.Dev;
using GatewayOps.ControlPlane.Ingestion;
using GatewayOps.Emulator.State;
using GatewayOps.Tests.Support;
using Microsoft.Extensions.Options;

namespace GatewayOps.Tests.Reconciliation;

/// <summary>The reconciler switches the export of spans on, and what is pushed arrives.</summary>
public sealed class ExporterTests
{
    private const string Token = "canary-otlp-token";

    [Theory]
    [InlineData(null)]
    [InlineData("otlp_token")]
    public async Task Execute_WithAnAddressOfOurs_SwitchesTheExportOn_AndRowsArrive(string? secret)
    {
        var port = Ports.Free();
        await using var world = await ReconciliationWorld.StartAsync(settings: new Dictionary<string, string>
        {
            ["urls"] = $"http://127.0.0.1:{port}",
            ["GatewayOps:Ingestion:OtlpUrl"] = $"http://127.0.0.1:{port}/",
            ["GatewayOps:Ingestion:OtlpToken"] = Token,
            ["GatewayOps:Ingestion:OtlpSecret"] = secret ?? "",
        });
        await world.AddAsync("""{"cache_ttl":300}""");

        var executed = await world.ExecuteAsync();

        var exporter = (await world.LiveAsync())["otel"]!.AsArray().Single()!;
        Assert.Equal(($"http://127.0.0.1:{port}/otlp/prod/v1/traces", "protobuf", secret, secret is null ? $"Bearer {Token}" : null),
            ((string?)exporter["url"], (string?)exporter["content_type"], (string?)exporter["authorization"], (string?)exporter["headers"]!["authorization"]));
        Assert.DoesNotContain(Token, executed.ToJsonString());
        Assert.DoesNotContain(Token, (await world.GetAsync("gateways/prod")).ToJsonString());
        Assert.Equal([0L], await world.Database.QueryAsync<long>($"select count(*) from operations where operations::text like '%{Token}%'"));

        if (secret is null)
        {
            var gateway = world.Cloudflare.Account.FindGateway(ReconciliationWorld.Gateway)!;
            gateway.AddLog(new LogRow { Id = gateway.Logs.NewId(), Provider = "openai", Model = "gpt-4o-mini", Path = "chat/completions", StatusCode = 200, TokensIn = 3, TokensOut = 5 });
            using var flushed = await world.Cloudflare.Admin.PostAsync("exports/flush", null);
            flushed.EnsureSuccessStatusCode();
            var row = Assert.Single((await world.Api.GetFromJsonAsync<JsonElement>("/api/v1/logs?gateway=prod")).GetProperty("logs").EnumerateArray());
            Assert.Equal(("otlp", 5), (row.GetProperty("source").GetString(), row.GetProperty("tokensOut").GetInt32()));

            // Taken away behind our back, it comes again.
            await world.MeddleAsync("""{"otel":null}""");
            await world.PassOfTheIntervalAsync();
            Assert.Single((await world.LiveAsync())["otel"]!.AsArray());
        }
    }

    [Theory]
    [InlineData("logs", false)]
    [InlineData("telemetry", false)]
    [InlineData("otlp", true)]
    [InlineData("auto", true)]
    public void Source_OfTheGateway_Decides(string source, bool exports)
    {
        var options = new IngestionOptions { OtlpUrl = "https://ops.example", OtlpToken = Token, Gateways = [new GatewayIngestionOptions { Id = "prod", Source = source }] };
        Assert.Equal(exports, new SpanReceiver(Options.Create(options)).ExporterOf("prod") is not null);
        Assert.Null(new SpanReceiver(Options.Create(new IngestionOptions { OtlpToken = Token })).ExporterOf("prod"));
    }

    [Theory]
    [InlineData("http://ops.example", Token, "must be an https address")]
    [InlineData("https://user:pass@ops.example", Token, "must be an https address")]
    [InlineData("https://ops.example/?a=b", Token, "must be an https address")]
    [InlineData("ops.example", Token, "must be an https address")]
    [InlineData("https://ops.example", null, "OtlpUrl needs OtlpToken")]
    public void Address_ThatNobodyCouldPushTo_StopsTheStart(string url, string? token, string says) =>
        Assert.Contains(says, new IngestionOptionsCheck().Validate(null, new IngestionOptions { OtlpUrl = url, OtlpToken = token }).FailureMessage);
}
