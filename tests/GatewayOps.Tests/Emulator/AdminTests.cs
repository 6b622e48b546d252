using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using GatewayOps.Tests.Support;
using static GatewayOps.Tests.Emulator.ManagementCalls;

namespace GatewayOps.Tests.Emulator;

public sealed class AdminTests : IAsyncLifetime
{
    private const string Gateways = "ai-gateway/gateways";
    private TestEmulator _emulator = null!;

    public async Task InitializeAsync() => _emulator = await TestEmulator.StartAsync();

    public async Task DisposeAsync() => await _emulator.DisposeAsync();

    [Fact]
    public async Task Health_Running_NamesTheAccount() =>
        Assert.Equal("""{"status":"ok","account":"dev-account"}""", await _emulator.Admin.GetStringAsync("health"));

    [Fact]
    public async Task Clock_Advanced_IsLaterByThat()
    {
        async Task<DateTimeOffset> Now() => (await _emulator.Admin.GetFromJsonAsync<JsonElement>("clock")).GetProperty("now").GetDateTimeOffset();
        var before = await Now();

        await _emulator.AdvanceClockAsync(TimeSpan.FromHours(1));

        Assert.InRange(await Now() - before, TimeSpan.FromHours(1), TimeSpan.FromHours(1) + TimeSpan.FromMinutes(1));
    }

    [Theory]
    [InlineData("clock/advance", "POST", """{"seconds":-1}""")]
    [InlineData("clock/advance", "POST", """{"minutes":1}""")]
    [InlineData("clock/advance", "POST", "later")]
    [InlineData("management/fault", "PUT", """{"path":"*"}""")]
    [InlineData("management/fault", "PUT", """{"path":"*","status":99}""")]
    [InlineData("management/fault", "PUT", """{"path":"*","status":500,"times":0}""")]
    [InlineData("management/fault", "PUT", """{"path":"*","status":500,"retryAfter":"1\r\nx: y"}""")]
    [InlineData("management/fault", "PUT", """{"path":"*","staus":500}""")]
    public async Task Any_BadBody_Is400WithAReason(string path, string method, string body)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = new StringContent(body) };
        using var response = await _emulator.Admin.SendAsync(request);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.NotEmpty((await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error").GetString()!);
    }

    [Theory]
    [InlineData("""{"path":"*","staus":500}""", "Unknown member 'staus'.")]
    [InlineData("""{"status":500}""", "Required: 'path'.")]
    [InlineData("""{"path":"*","status":"x"}""", "$.status: not a value of the kind or range that is expected here.")]
    [InlineData("[]", "$: not a value of the kind or range that is expected here.")]
    [InlineData("later", "No JSON: 'l' is an invalid start of a value.")]
    public async Task Any_BadBody_IsNamedWithoutOurTypes(string body, string error)
    {
        using var response = await _emulator.Admin.PutAsync("management/fault", new StringContent(body));

        Assert.Equal(error, (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error").GetString());
    }

    [Fact]
    public async Task Reset_AfterChanges_LeavesAnEmptyAccountWithoutFaults()
    {
        await _emulator.CreateGatewayAsync("prod");
        await _emulator.SetManagementFaultAsync(new { path = "*", status = 500 });

        using var response = await _emulator.Admin.PostAsync("reset", content: null);

        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Empty((await _emulator.Management.GetAnswerAsync(Gateways)).Result.EnumerateArray());
        Assert.Single(await _emulator.ManagementRequestsAsync());
    }

    [Fact]
    public async Task Fault_StatusTwice_AnswersItTwiceWithoutEffect()
    {
        await _emulator.SetManagementFaultAsync(new { path = "*/gateways", method = "POST", status = 429, retryAfter = "7", times = 2 });

        var first = await _emulator.Management.PostAnswerAsync(Gateways, GatewayBody("prod"));
        var other = await _emulator.Management.GetAnswerAsync(Gateways);
        var second = await _emulator.Management.PostAnswerAsync(Gateways, GatewayBody("prod"));
        var third = await _emulator.Management.PostAnswerAsync(Gateways, GatewayBody("prod"));

        Assert.Equal([429, 200, 429, 200], new[] { first, other, second, third }.Select(answer => (int)answer.Status));
        Assert.Equal(TimeSpan.FromSeconds(7), first.Response.Headers.RetryAfter?.Delta);
        Assert.False(first.Body.GetProperty("success").GetBoolean());
    }

    [Fact]
    public async Task Fault_DropResponse_TakesEffectAndCutsTheConnection()
    {
        await _emulator.SetManagementFaultAsync(new { path = "/accounts/*/ai-gateway/gateways", method = "POST", dropResponse = true, times = 1 });

        await Assert.ThrowsAsync<HttpRequestException>(() => _emulator.Management.PostAnswerAsync(Gateways, GatewayBody("prod")));

        Assert.NotNull(_emulator.Account.FindGateway("prod"));
        var request = Assert.Single(await _emulator.ManagementRequestsAsync());
        Assert.True(request.GetProperty("dropped").GetBoolean());
    }

    [Fact]
    public async Task Fault_StatusWithEffect_MakesTheGatewayAndSays504()
    {
        await _emulator.SetManagementFaultAsync(new { path = "*/gateways", method = "POST", status = 504, effect = true, times = 1 });

        var answer = await _emulator.Management.PostAnswerAsync(Gateways, GatewayBody("prod"));

        Assert.Equal(HttpStatusCode.GatewayTimeout, answer.Status);
        Assert.False(answer.Body.GetProperty("success").GetBoolean());
        Assert.NotNull(_emulator.Account.FindGateway("prod"));
    }

    [Fact]
    public async Task Fault_Cleared_IsGone()
    {
        await _emulator.SetManagementFaultAsync(new { path = "*", status = 500 });
        await _emulator.ClearManagementFaultsAsync();

        Assert.Equal(HttpStatusCode.OK, (await _emulator.Management.GetAnswerAsync(Gateways)).Status);
    }

    [Fact]
    public async Task Requests_AfterCalls_ListThemInOrder()
    {
        await _emulator.Management.PostAnswerAsync(Gateways, GatewayBody("prod"));
        await _emulator.Management.GetAnswerAsync($"{Gateways}/nowhere?x=1");

        var requests = await _emulator.ManagementRequestsAsync();

        Assert.Equal(
            [
                """{"method":"POST","path":"/client/v4/accounts/dev-account/ai-gateway/gateways","status":200}""",
                """{"method":"GET","path":"/client/v4/accounts/dev-account/ai-gateway/gateways/nowhere","query":"?x=1","status":404}""",
            ],
            requests.Select(request => request.GetRawText()));
    }
}
