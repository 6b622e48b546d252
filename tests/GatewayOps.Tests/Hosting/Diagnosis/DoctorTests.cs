using System.Net.Http.Json;
using System.Text.Json.Nodes;
using GatewayOps.ControlPlane.Hosting;
using GatewayOps.ControlPlane.Hosting.Diagnosis;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Hosting.Diagnosis;

public sealed class DoctorTests
{
    private static readonly string[] InOrder =
    [
        "status", "network", "cloudflare", "account id", "api token", "token", "permission AI Gateway Read", "permission AI Gateway Write",
        "permission Secrets Store Read", "permission Secrets Store Write", "permission Account Analytics Read", "account", "gateway",
        "ai/run",
    ];

    [Fact, Trait("checklist", "S1-10"), Trait("checklist", "S1-28"), Trait("checklist", "S2-29")]
    public async Task Doctor_AllIsWell_SaysSoInOrderAndChangesNothing()
    {
        await using var cloudflare = await TestEmulator.StartAsync();
        await cloudflare.CreateGatewayAsync("openai-compat");
        await using var service = await TestService.StartAsync(emulator: cloudflare);

        var checks = await CheckAsync(service);

        Assert.Equal(InOrder, checks.Select(check => check.Name));
        Assert.All(checks, check => Assert.True(check.Ok == true && check.Fix is null, check.ToString()));
        Assert.Equal("set by the command line", checks.Single(check => check.Name == "api token").Detail);
        Assert.DoesNotContain(checks, check => check.ToString().Contains(cloudflare.Options.ApiToken, StringComparison.Ordinal));
        Assert.Equal(["openai-compat"], cloudflare.Account.Gateways.Select(gateway => gateway.Id));
    }

    [Theory, Trait("checklist", "S0-16"), Trait("checklist", "S1-10")]
    [InlineData("AI Gateway Read", "permission AI Gateway Write", "AI Gateway: Edit")]
    [InlineData("AI Gateway Write", "permission Secrets Store Read", "Secrets Store: Read")]
    public async Task Doctor_TokenThatMayLess_NamesEachPermissionAndWhereToAddIt(string granted, string lacking, string need)
    {
        await using var cloudflare = await TestEmulator.StartAsync();
        await cloudflare.CreateGatewayAsync("openai-compat");
        await using var service = await TestService.StartAsync(emulator: cloudflare, settings: new Dictionary<string, string> { ["GatewayOps:Cloudflare:ApiToken"] = await TokenAsync(cloudflare, granted) });

        var checks = await CheckAsync(service);

        Assert.Equal(true, checks.Single(check => check.Name == "token").Ok);
        Assert.Equal(true, checks.Single(check => check.Name == "permission AI Gateway Read").Ok);
        var failed = checks.Single(check => check.Name == lacking);
        Assert.Equal(false, failed.Ok);
        Assert.Contains(need, failed.Fix!);
        Assert.Contains("https://dash.cloudflare.com/profile/api-tokens", failed.Fix!);
    }

    [Fact, Trait("checklist", "S0-16"), Trait("checklist", "S4-14")]
    public async Task Doctor_TokenThatWasRevoked_SaysSoAndAsksNoFurther()
    {
        await using var cloudflare = await TestEmulator.StartAsync();
        await using var service = await TestService.StartAsync(emulator: cloudflare, settings: new Dictionary<string, string> { ["GatewayOps:Cloudflare:ApiToken"] = "canary-of-a-revoked-token" });

        var checks = await CheckAsync(service);

        var token = checks.Single(check => check.Name == "token");
        Assert.Equal(false, token.Ok);
        Assert.Contains("AI Gateway: Edit at https://dash.cloudflare.com/profile/api-tokens", token.Fix!);
        Assert.All(checks.SkipWhile(check => check != token).Skip(1), check => Assert.Null(check.Ok));
        Assert.DoesNotContain("canary", string.Join(' ', checks));
    }

    /// <summary>Token, account and service are told apart: each row fails in one of them alone, and says where to put it right. The first is a token for batches, which may do nothing else.</summary>
    [Theory, Trait("checklist", "S4-14")]
    [InlineData("Workers AI Read", true, null, "")]
    [InlineData("AI Gateway Read", true, "ai/run", "add Workers AI: Read")]
    [InlineData("Workers AI Read", false, "account", "set CLOUDFLARE_ACCOUNT_ID to the account that the token")]
    public async Task Doctor_TokenAccountAndService_FailApart(string granted, bool isItsAccount, string? failing, string fix)
    {
        await using var cloudflare = await TestEmulator.StartAsync();
        using var folder = new TemporaryFolder();
        var keys = Directory.CreateDirectory(Path.Combine(folder.Path, "keys", "cloudflare-key")).FullName;
        // A user's token: one that an account owns is known to no other account.
        var token = await TokenAsync(cloudflare, granted, tokens: "/client/v4/user/tokens");
        await File.WriteAllTextAsync(Path.Combine(keys, "key.env"), token + "\n");
        await File.WriteAllTextAsync(Path.Combine(keys, "account_id.env"), (isItsAccount ? cloudflare.Options.AccountId : new string('f', 32)) + "\n");

        var checks = await Doctor.CheckAsync(new Surroundings(new Dictionary<string, string> { ["CLOUDFLARE_BASE_URL"] = cloudflare.ApiUrl.ToString() }, folder.Path), CancellationToken.None);

        Assert.Equal(["token", "account", "ai/run"], checks.Select(check => check.Name).Where(name => name is "token" or "account" or "ai/run"));
        Assert.Equal(failing is null ? [] : [failing], checks.Where(check => check.Ok == false && check.Name is "token" or "account" or "ai/run").Select(check => check.Name));
        Assert.Contains(fix, checks.FirstOrDefault(check => check.Name == failing)?.Fix ?? "", StringComparison.Ordinal);
        Assert.All(checks.Where(check => check.Name is "account id" or "api token"), check => Assert.Equal("set by keys/cloudflare-key", check.Detail));
        Assert.DoesNotContain(token, string.Join(' ', checks), StringComparison.Ordinal);
    }

    /// <summary>A token that is only refused may be another account's; where one question had no answer, that is not known.</summary>
    [Theory]
    [InlineData(false, false)]
    [InlineData(true, null)]
    public async Task Doctor_TokenThatMayNothing_IsTheAccounts_UnlessSomethingWasNotAnswered(bool isThrottled, bool? account)
    {
        await using var cloudflare = await TestEmulator.StartAsync();
        using var folder = new TemporaryFolder();
        var variables = new Dictionary<string, string>
        {
            ["CLOUDFLARE_BASE_URL"] = cloudflare.ApiUrl.ToString(),
            ["CLOUDFLARE_ACCOUNT_ID"] = cloudflare.Options.AccountId,
            ["CLOUDFLARE_API_TOKEN"] = await TokenAsync(cloudflare, "AI Gateway Run"),
        };
        if (isThrottled)
        {
            await cloudflare.SetManagementFaultAsync(new { path = "*/ai/run/*", status = 429, retryAfter = "60" });
        }

        var checks = await Doctor.CheckAsync(new Surroundings(variables, folder.Path), CancellationToken.None);

        Assert.Equal((true, account), (checks.Single(check => check.Name == "token").Ok, checks.Single(check => check.Name == "account").Ok));
        Assert.Null(checks.Single(check => check.Name == "ai/run").Ok);
    }

    [Fact, Trait("checklist", "S0-15"), Trait("checklist", "S0-17")]
    public async Task Doctor_GatewayThatIsNotThere_NamesItAndThoseThatAre()
    {
        await using var cloudflare = await TestEmulator.StartAsync();
        await cloudflare.CreateGatewayAsync("other");
        await using var service = await TestService.StartAsync(emulator: cloudflare, settings: new Dictionary<string, string> { ["GatewayOps:Proxy:DefaultModel"] = "llama-2-7b-chat-int8" });

        var checks = await CheckAsync(service);

        var gateway = checks.Single(check => check.Name == "gateway");
        Assert.Equal((false, "the account has no gateway openai-compat; it has other", "gatewayops gateway create openai-compat, or set CLOUDFLARE_GATEWAY_ID to one that is there"), (gateway.Ok!.Value, gateway.Detail, gateway.Fix));
        var model = checks.Single(check => check.Name == "model");
        Assert.Equal(false, model.Ok);
        Assert.Contains("@cf/", model.Fix!);
    }

    [Fact, Trait("checklist", "S4-18")]
    public async Task Doctor_NothingListens_IsTheNetworkAndNothingElse()
    {
        await using var service = await TestService.StartAsync();

        var checks = await CheckAsync(service);

        Assert.Equal(["network"], checks.Where(check => check.Ok == false).Select(check => check.Name));
        Assert.Contains("127.0.0.1:9", checks.Single(check => check.Name == "network").Detail);
        Assert.Contains("curl -sv", checks.Single(check => check.Name == "network").Fix!);
    }

    [Fact, Trait("checklist", "S4-18")]
    public async Task Doctor_OtherSideIsNotTrusted_IsTls()
    {
        await using var plain = await TestEmulator.StartAsync();
        using var folder = new TemporaryFolder();

        var checks = await Doctor.CheckAsync(new Surroundings(new Dictionary<string, string> { ["CLOUDFLARE_BASE_URL"] = new UriBuilder(plain.ApiUrl) { Scheme = "https" }.ToString() }, folder.Path), CancellationToken.None);

        var network = checks.Single(check => check.Name == "network");
        Assert.Equal((false, true), (network.Ok, network.Detail.Contains("the other side is not trusted (TLS)", StringComparison.Ordinal)));
    }

    [Theory, Trait("checklist", "S4-18")]
    [InlineData(HttpRequestError.NameResolutionError, "(DNS)")]
    [InlineData(HttpRequestError.ConnectionError, "(TCP)")]
    [InlineData(HttpRequestError.SecureConnectionError, "(TLS)")]
    [InlineData(HttpRequestError.ResponseEnded, "")]
    public void StageOf_SaysHowFarItCame(HttpRequestError error, string stage) => Assert.Contains(stage, Doctor.StageOf(error), StringComparison.Ordinal);

    [Fact, Trait("checklist", "S0-02"), Trait("checklist", "S1-10")]
    public async Task Doctor_WithoutAServiceAndWithoutCredentials_NamesBoth()
    {
        await using var cloudflare = await TestEmulator.StartAsync();
        using var folder = new TemporaryFolder();

        var checks = await Doctor.CheckAsync(new Surroundings(new Dictionary<string, string> { ["CLOUDFLARE_BASE_URL"] = cloudflare.ApiUrl.ToString() }, folder.Path), CancellationToken.None);

        Assert.Equal(InOrder[1..], checks.Select(check => check.Name));
        Assert.Equal(["account id", "api token"], checks.Where(check => check.Ok == false).Select(check => check.Name));
        Assert.Contains("CLOUDFLARE_ACCOUNT_ID", checks.Single(check => check.Name == "account id").Fix!);
        Assert.Contains("CLOUDFLARE_API_TOKEN", checks.Single(check => check.Name == "api token").Fix!);
    }

    [Fact]
    public async Task Doctor_WithoutAService_TellsTheCredentialsApartByTheirSources()
    {
        await using var cloudflare = await TestEmulator.StartAsync();
        await cloudflare.CreateGatewayAsync("openai-compat");
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(Path.Combine(folder.Path, ".env"), $"CLOUDFLARE_API_TOKEN={cloudflare.Options.ApiToken}\n");
        var variables = new Dictionary<string, string> { ["CLOUDFLARE_BASE_URL"] = cloudflare.ApiUrl.ToString(), ["CLOUDFLARE_ACCOUNT_ID"] = cloudflare.Options.AccountId };

        var checks = await Doctor.CheckAsync(new Surroundings(variables, folder.Path), CancellationToken.None);

        Assert.All(checks, check => Assert.True(check.Ok == true, check.ToString()));
        Assert.Equal(["set by the environment", "set by .env"], checks.Where(check => check.Name is "account id" or "api token").Select(check => check.Detail));
    }

    [Theory, Trait("checklist", "S4-18")]
    [InlineData("""{"status":{"indicator":"none","description":"All Systems Operational"}}""", true)]
    [InlineData("""{"status":{"indicator":"minor","description":"Minor Service Outage"}}""", true)]
    [InlineData("""{"status":{"indicator":"major","description":"Major Service Outage"}}""", false)]
    [InlineData("""{"status":{"indicator":"critical","description":"Down"}}""", false)]
    [InlineData("""{"status":"fine"}""", null)]
    [InlineData("""<html>""", null)]
    public void StatusOf_WhatThePageSays_IsTold(string page, bool? ok) => Assert.Equal(ok, Doctor.StatusOf(page).Ok);

    private static async Task<IReadOnlyList<DoctorCheck>> CheckAsync(TestService service)
    {
        var reader = service.NewClient(TestService.ReadToken);
        return (await reader.GetFromJsonAsync<DoctorAnswer>("/api/v1/doctor"))!.Checks;
    }

    private static async Task<string> TokenAsync(TestEmulator cloudflare, string permission, string tokens = "tokens")
    {
        var groups = await cloudflare.Management.GetFromJsonAsync<JsonObject>($"tokens/permission_groups?name={Uri.EscapeDataString(permission)}");
        var id = groups!["result"]!.AsArray().Single(group => group!["name"]!.GetValue<string>() == permission)!["id"]!.GetValue<string>();
        using var made = await cloudflare.Management.PostAsJsonAsync(tokens, new
        {
            name = "limited",
            policies = new[] { new { effect = "allow", permission_groups = new[] { new { id } }, resources = new Dictionary<string, string> { [$"com.cloudflare.api.account.{cloudflare.Options.AccountId}"] = "*" } } },
        });
        return (await made.Content.ReadFromJsonAsync<JsonObject>())!["result"]!["value"]!.GetValue<string>();
    }
}
