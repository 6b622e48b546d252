using System.Text.Json;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Proxy.Explaining;

/// <summary>GET /v1/model-options. Source: checklist S2-02, S2-06, S0-13.</summary>
public sealed class ModelOptionsTests(ServiceFixture shared) : IClassFixture<ServiceFixture>
{
    [Fact, Trait("checklist", "S2-06")]
    public async Task List_HasTheShapeAndWhatIsKnownOfEachModel()
    {
        var answer = await GetAsync();

        Assert.Equal("list", answer.GetProperty("object").GetString());
        Assert.All(answer.GetProperty("data").EnumerateArray(), model =>
        {
            Assert.Equal("model", model.GetProperty("object").GetString());
            Assert.True(model.GetProperty("context_window").GetInt32() > 0);
            Assert.NotEmpty(model.GetProperty("description").GetString()!);
            Assert.NotEmpty(model.GetProperty("provider").GetString()!);
            Assert.True(model.TryGetProperty("created", out _) && model.TryGetProperty("prices", out _) && model.GetProperty("available").GetBoolean());
        });
        var mini = One(answer, "gpt-4o-mini");
        Assert.Equal(("openai", "o200k_base", 0.15m), (mini.GetProperty("provider").GetString(), mini.GetProperty("tokenizer").GetString(), mini.GetProperty("prices").GetProperty("input").GetDecimal()));
        Assert.Equal(["gpt3", "gpt-3.5"], One(answer, "gpt-3.5-turbo").GetProperty("aliases").EnumerateArray().Select(alias => alias.GetString()).OrderDescending(StringComparer.Ordinal));
    }

    [Fact, Trait("checklist", "S2-02")]
    public async Task DefaultModel_HasAContextOf131072()
    {
        var model = One(await GetAsync(), "@cf/meta/llama-4-scout-17b-16e-instruct");

        Assert.Equal((131072, true), (model.GetProperty("context_window").GetInt32(), model.GetProperty("default").GetBoolean()));
    }

    [Theory, Trait("checklist", "S0-13")]
    [InlineData("@cf/meta/llama-2-7b-chat-int8")]
    [InlineData("@cf/meta/llama-2-13b-chat-int8")]
    [InlineData("@cf/mistral/mistral-7b-instruct-v0.1")]
    [InlineData("@cf/meta/codellama-7b-instruct")]
    [InlineData("@cf/tinyllama/tinyllama-1.1b-chat-v1.0")]
    public async Task ModelsOfTheFirstSystem_SayWhatTheyAreFor(string id) => Assert.NotEmpty(One(await GetAsync(), id).GetProperty("description").GetString()!);

    [Fact]
    public async Task WithoutAToken_Is401()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/model-options");
        (await Answer.OfAsync(shared.Service.Anonymous, request)).IsError(401, "unauthorized");
    }

    private static JsonElement One(JsonElement answer, string id) => Assert.Single(answer.GetProperty("data").EnumerateArray(), model => model.GetProperty("id").GetString() == id);

    private async Task<JsonElement> GetAsync()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/model-options");
        return (await Answer.OfAsync(shared.Service.Caller, request)).Json;
    }
}
