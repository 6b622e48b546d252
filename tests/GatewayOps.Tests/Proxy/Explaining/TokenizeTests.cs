using System.Text.Json;
using GatewayOps.ControlPlane.Proxy.Explaining;
using GatewayOps.Tests.Support;
using GatewayOps.Tokenizer;

namespace GatewayOps.Tests.Proxy.Explaining;

/// <summary>POST /v1/tokenize. Source: checklist S2-05.</summary>
public sealed class TokenizeTests(ServiceFixture shared) : IClassFixture<ServiceFixture>
{
    [Theory, Trait("checklist", "S2-05")]
    [InlineData("gpt-4o", "o200k_base", 3)]
    [InlineData("gpt-4", "cl100k_base", 3)]
    [InlineData("claude-sonnet-4-5", "estimate:cl100k_base", 3)]
    public async Task Text_IsCountedByTheModelsEncoding(string model, string method, int tokens)
    {
        var answer = await PostAsync(new { input = "Hello there!", model });

        Assert.Equal($$"""{"tokens":{{tokens}},"model":"{{model}}","method":"{{method}}"}""", answer.Text);
    }

    [Fact, Trait("checklist", "S2-05")]
    public async Task WithoutAModel_ItIsUnknown()
    {
        var answer = await PostAsync(new { input = "Hello there!" });

        Assert.Equal(("unknown", "estimate:o200k_base"), (answer.Json.GetProperty("model").GetString(), answer.Json.GetProperty("method").GetString()));
        Assert.True(answer.Json.GetProperty("tokens").GetInt32() > 0);
    }

    [Fact]
    public async Task Messages_AreTheSumOfTheirTexts()
    {
        var answer = await PostAsync(new
        {
            model = "gpt-4o",
            input = new object[]
            {
                new { role = "system", content = "Be brief." },
                new { role = "user", content = new object[] { new { type = "text", text = "What is this?" }, new { type = "image_url", image_url = new { url = "data:," } } } },
            },
        });

        Assert.Equal(TokenCounter.Count("gpt-4o", "Be brief.").Tokens + TokenCounter.Count("gpt-4o", "What is this?").Tokens, answer.Json.GetProperty("tokens").GetInt64());
    }

    [Theory, Trait("checklist", "S2-05")]
    [InlineData("""{"input":""}""", "missing_required_parameter")]
    [InlineData("""{"input":null}""", "missing_required_parameter")]
    [InlineData("""{"input":[]}""", "missing_required_parameter")]
    [InlineData("{}", "missing_required_parameter")]
    [InlineData("""{"input":7}""", "invalid_type")]
    [InlineData("""{"input":[{"role":"user"}]}""", "invalid_type")]
    [InlineData("""{"input":"a","model":""}""", "invalid_value")]
    [InlineData("""{"input":"\ud800"}""", "invalid_value")]
    [InlineData("""{"input":"a","input":"b"}""", "invalid_json")]
    [InlineData("[]", "invalid_type")]
    public async Task FaultyBody_Is400(string body, string code)
    {
        var answer = (await Answer.PostAsync(shared.Service.Caller, body, "/v1/tokenize")).IsError(400, code);

        if (code == "missing_required_parameter")
        {
            Assert.Equal("Input text is required", answer.Error.GetProperty("message").GetString());
        }
    }

    [Fact]
    public async Task TooLarge_Is413() =>
        (await PostAsync(new { input = new string('a', TokenizeEndpoint.MostBytes) })).IsError(413, "request_too_large");

    [Fact]
    public async Task WithoutAToken_Is401() => (await Answer.PostAsync(shared.Service.Anonymous, """{"input":"a"}""", "/v1/tokenize")).IsError(401, "unauthorized");

    private Task<Answer> PostAsync(object body) => Answer.PostAsync(shared.Service.Caller, JsonSerializer.Serialize(body), "/v1/tokenize");
}
