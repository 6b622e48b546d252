using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Emulator;
using GatewayOps.Emulator.DataPlane;
using GatewayOps.Emulator.Export.Logpush;
using GatewayOps.Emulator.State;
using GatewayOps.Tests.Emulator.Management;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace GatewayOps.Tests.Emulator.DataPlane.Guards;

/// <summary>What the contract leaves open about the guards, turned the other way; the defaults are in the tests of each.</summary>
public sealed class GuardAssumptionTests
{
    private static readonly object OneDollar = new { spend_limits = new { enabled = true, rules = (object[])[new { limitType = "cost", limit = 1, window = 1000 }] } };

    [Theory]
    [InlineData(false, 200)]
    [InlineData(true, 429)]
    public async Task SpendLimits_OfPostpaidWorkersAi_CountWhereAssumed(bool covered, int second)
    {
        var assumptions = new Assumptions { SpendLimitsCoverPostpaidWorkersAi = covered };

        await RunAsync(assumptions, OneDollar, CallSurface.Native, "workers-ai", "v1/chat/completions", "@cf/meta/llama-3.1-8b-instruct", async call =>
        {
            Assert.Equal(200, (await call("Hello")).Status);
            Assert.Equal(second, (await call("Hello")).Status);
        });
    }

    [Theory]
    [InlineData(422)]
    [InlineData(424)]
    public Task Guardrails_OnTheRestSurface_AnswerTheAssumedStatus(int status) => RunAsync(
        new Assumptions { RestGuardrailStatus = status }, new { guardrails = new { prompt = new { S1 = "BLOCK" }, response = new { } } }, CallSurface.Rest, "openai", "chat/completions", "gpt-4o",
        async call => Assert.Equal((status, 2016), await call("unsafe-S1")));

    [Theory]
    [InlineData(2049)]
    [InlineData(2021)]
    public Task Credits_OnTheRestSurface_AnswerTheAssumedCode(int code) => RunAsync(
        new Assumptions { RestBalanceCode = code }, new { }, CallSurface.Rest, "openai", "chat/completions", "gpt-4o", async call => Assert.Equal((402, code), await call("Hello")), credits: 0);

    [Fact]
    public Task UnifiedBilling_OffersWhatIsAssumed() => RunAsync(
        new Assumptions { UnifiedBillingProviders = ["deepseek"], NotOnUnifiedBillingStatus = 403 }, new { }, CallSurface.Native, "openai", "chat/completions", "gpt-4o",
        async call => Assert.Equal((403, 2047), await call("Hello")));

    [Fact]
    public void LogpushFields_AreThoseAssumed()
    {
        using var key = RSA.Create(1024);
        var gateway = new AccountState(new EmulatorOptions(), new EmulatorClock()).AddGateway("gw", GatewayFields.Settled(GatewayFields.Automatic)).Gateway!;

        var line = LogpushEntry.Line(gateway, SampleLog.Row(1), new LogpushSeal(key), ["Model", "Nothing"])!;

        Assert.Equal(["Model", "Metadata", "RequestBody", "ResponseBody"], JsonSerializer.Deserialize<JsonElement>(line).EnumerateObject().Select(field => field.Name));
    }

    private static async Task RunAsync(
        Assumptions assumptions, object settings, CallSurface surface, string provider, string path, string model, Func<Func<string, Task<(int Status, int? Code)>>, Task> test, decimal credits = 100)
    {
        await using var app = EmulatorHost.Build(new EmulatorOptions { Assumptions = assumptions, Credits = credits });
        var (door, account) = (app.Services.GetRequiredService<GatewayDoor>(), app.Services.GetRequiredService<EmulatorState>().FindAccount("dev-account")!);
        var fields = GatewayFields.Automatic;
        foreach (var (name, value) in JsonSerializer.SerializeToNode(settings)!.AsObject())
            fields[name] = value?.DeepClone();
        var gateway = account.AddGateway("gw", GatewayFields.Settled(fields)).Gateway!;
        var headers = new HeaderDictionary { ["cf-aig-custom-cost"] = """{"total_cost":1}""" };

        await test(async text =>
        {
            var arrival = GatewayDoor.Enter(account, gateway, "dev-token", surface, headers);
            var body = RequestBody.Of(Encoding.UTF8.GetBytes(TestGateway.Chat(text, model)));
            await using var answer = await door.RunAsync(arrival, new CallWish(provider, path, "", "POST", body, [], arrival.Directives), CancellationToken.None);
            return (answer.Status, (int?)(JsonNode.Parse(answer.Whole) as JsonObject)?["error"]?[0]?["code"]);
        });
    }
}
