using System.Net;
using System.Text;

namespace GatewayOps.Tests.Contract;

/// <summary>The handler stands in every test's way to the management API: it must let through what fits and stop what does not.</summary>
public sealed class ContractHandlerTests
{
    private const string Gateways = "https://api.example/client/v4/accounts/a/ai-gateway/gateways";

    [Theory]
    [InlineData(Gateways, 200, """{"success":true,"errors":[],"messages":[],"result":[]}""", true)]
    [InlineData(Gateways, 200, """{"success":true,"errors":[],"messages":[]}""", false)]
    [InlineData(Gateways, 404, """{"error":"gone"}""", false)]
    [InlineData(Gateways + "/g/unknown", 404, """{"error":"gone"}""", false)]
    [InlineData(Gateways + "/g/unknown", 404, """{"success":false,"errors":[{"code":7000,"message":"No route for that URI"}]}""", true)]
    [InlineData("https://api.example/client/v4/accounts/a/ai/models/search", 404, """{"error":"gone"}""", true)]
    [InlineData("https://api.example/v1/a/gw/openai/chat/completions", 400, """{"error":[]}""", true)]
    [InlineData(Gateways, 302, """{"success":false,"errors":[{"message":"The emulator was asked to answer 302 here."}]}""", true)]
    public async Task Answers_ThatDoNotFit_Fail(string address, int status, string body, bool fits)
    {
        using var handler = new ContractHandler(Held.Answers, new Said(status, body));
        using var http = new HttpClient(handler);
        if (fits)
            Assert.Equal(body, await (await http.GetAsync(address)).Content.ReadAsStringAsync());
        else
            Assert.Equal((await Assert.ThrowsAsync<ContractViolationException>(() => http.GetAsync(address))).Message, Assert.Single(handler.Broken));
    }

    [Theory]
    [InlineData(Held.Answers, false)]
    [InlineData(Held.Requests, true)]
    public async Task Requests_AreHeldOnDemand(object held, bool fails)
    {
        var said = new Said(200, """{"success":true,"errors":[],"messages":[],"result":[]}""");
        using var http = new HttpClient(new ContractHandler((Held)held, said));
        var call = () => http.GetAsync(Gateways + "?per_page=1000");
        if (fails)
            await Assert.ThrowsAsync<ContractViolationException>(call);
        else
            await call();
        Assert.Equal(fails ? 0 : 1, said.Calls);
    }

    [Fact]
    public async Task Requests_KeepTheirBody()
    {
        var said = new Said(200, """{"success":true}""");
        using var http = new HttpClient(new ContractHandler(Held.Requests, said));
        await http.PatchAsync($"{Gateways}/g/routes/r", new StringContent("""{"name":"r"}""", Encoding.UTF8, "application/json"));
        Assert.Equal("""{"name":"r"}""", said.Body);
    }

    private sealed class Said(int status, string body) : HttpMessageHandler
    {
        public int Calls { get; private set; }

        public string? Body { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Calls++;
            Body = request.Content is null ? null : await request.Content.ReadAsStringAsync(cancellationToken);
            return new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        }
    }
}
