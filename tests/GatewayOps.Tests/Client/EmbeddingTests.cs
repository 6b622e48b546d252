using GatewayOps.Client;
using Microsoft.Extensions.AI;

namespace GatewayOps.Tests.Client;

public sealed class EmbeddingTests(ClientStage stage) : IClassFixture<ClientStage>
{
    [Theory]
    [InlineData("openai", "openai", "text-embedding-3-small")]
    [InlineData("cloudflare", "workers-ai", "@cf/baai/bge-small-en-v1.5")]
    public async Task Texts_HaveTheirVectors_InTheirOrder(string provider, string upstream, string model)
    {
        using var generator = new GatewayEmbeddingGenerator(stage.Options(provider) with { EmbeddingModel = model });
        var all = await generator.GenerateAsync([$"first {upstream}", "second"]);
        var second = await generator.GenerateAsync(["second"]);
        Assert.Equal(2, all.Count);
        Assert.Equal(second[0].Vector.ToArray(), all[1].Vector.ToArray());
        Assert.True(all.Usage!.InputTokenCount > 0);
        Assert.Equal(model, (await stage.ReceivedAsync(upstream, $"first {upstream}")).Body.GetProperty("model").GetString());
    }

    [Theory]
    [InlineData("""{"data":[]}""")]
    [InlineData("""{"data":[{"index":0,"embedding":"AAAA"},{"index":1,"embedding":[1]}]}""")]
    [InlineData("""{"data":[{"index":0,"embedding":[1]},{"index":0,"embedding":[1]}]}""")]
    [InlineData("""{"data":[{"index":0,"embedding":["x"]},{"index":9,"embedding":[1]}]}""")]
    [InlineData("no")]
    public async Task Answer_ThatIsNone_IsTold(string body)
    {
        await using var gateway = await ScriptedGateway.StartAsync(ScriptedGateway.Status(200, body));
        using var generator = new GatewayEmbeddingGenerator(gateway.Options);
        await Assert.ThrowsAsync<GatewayException>(() => generator.GenerateAsync(["a", "b"]));
        Assert.Empty(await generator.GenerateAsync([]));
        Assert.Single(gateway.Asked);
    }
}
