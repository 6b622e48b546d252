using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using GatewayOps.ControlPlane.Access;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Access;

/// <summary>What is refused: one service serves all of these.</summary>
public sealed class OperatorTokenRefusalTests(ServiceFixture shared) : IClassFixture<ServiceFixture>
{
    [Theory]
    [InlineData("ci")]
    [InlineData("operator")]
    [InlineData("local")]
    [InlineData("gatewayops")]
    [InlineData("reader")]
    public async Task Name_ThatAuditRowsKnowAlready_Is409(string name)
    {
        var service = shared.Service;
        // There already, for every case but the first.
        using var first = await service.Operator.PostAsync("/api/v1/tokens", JsonContent.Create(new { name = "ci", scope = "read" }));
        Assert.True(first.StatusCode is HttpStatusCode.Created or HttpStatusCode.Conflict);

        using var answer = await service.Operator.PostAsync("/api/v1/tokens", JsonContent.Create(new { name, scope = "read" }));

        Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
        Assert.Contains("token_name_taken", await answer.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("""{"name":"","scope":"read"}""", 422, "/name")]
    [InlineData("""{"name":"a b","scope":"read"}""", 422, "/name")]
    [InlineData("""{"name":"a\n","scope":"read"}""", 422, "/name")]
    [InlineData("""{"name":"a","scope":"read","expiresIn":59}""", 422, "/expiresIn")]
    [InlineData("""{"name":"a","scope":"read","expiresIn":315360001}""", 422, "/expiresIn")]
    [InlineData("""{"name":"a","scope":"root"}""", 400, "/scope")]
    [InlineData("""{"name":"a","scope":2}""", 400, "/scope")]
    [InlineData("""{"name":"a"}""", 422, "/scope")]
    [InlineData("""{"name":"a","scope":"read","digest":"x"}""", 400, "/digest")]
    public async Task BadRequest_SaysWhere(string body, int status, string pointer)
    {
        var service = shared.Service;
        using var content = new StringContent(body, Encoding.UTF8, "application/json");

        using var answer = await service.Operator.PostAsync("/api/v1/tokens", content);

        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal(pointer, (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors")[0].GetProperty("pointer").GetString());
    }

    [Fact]
    public async Task Mistyped_IsToldFromUnknown()
    {
        var service = shared.Service;
        var token = TokenText.New(TokenText.OperatorPrefix);

        using var unknown = await service.NewClient(token).GetAsync("/api/v1/content");
        using var cut = await service.NewClient(token[..^3]).GetAsync("/api/v1/content");

        Assert.Contains("not known", await unknown.Content.ReadAsStringAsync());
        Assert.Contains("not whole", await cut.Content.ReadAsStringAsync());
    }
}
