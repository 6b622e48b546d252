using System.Text.Json.Nodes;
using GatewayOps.Cloudflare;
using GatewayOps.Tests.Contract;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Cloudflare.EmulatorContract;

public sealed class CustomProviderContractTests : IAsyncLifetime
{
    private TestEmulator _emulator = null!;
    private CustomProviderClient _providers = null!;

    public async Task InitializeAsync()
    {
        _emulator = await TestEmulator.StartAsync();
        _providers = _emulator.Client().CustomProviders;
    }

    public async Task DisposeAsync() => await _emulator.DisposeAsync();

    [Fact, Operation("createCustomProvider", "getCustomProvider", "patchCustomProvider", "deleteCustomProvider")]
    public async Task FromCreateToDelete_EachStep_IsWhatTheNextOneFinds()
    {
        var wish = new NewCustomProvider("Acme", "acme", new("https://api.acme.example.com"))
        {
            Description = "Models of Acme",
            Enabled = true,
            Position = 1,
            Headers = new Dictionary<string, string> { ["x-team"] = "core" },
        };
        var made = await _providers.CreateAsync(wish, CancellationToken.None);
        Assert.Equal(("Acme", "acme", "https://api.acme.example.com", true), (made.Name, made.Slug, made.BaseUrl, made.Enabled));
        Assert.Equal("""{"x-team":"core"}""", JsonNode.Parse((string)made.Fields["headers"]!)!.ToJsonString());
        Assert.NotNull(made.CreatedAt);
        Assert.Equal(CloudflareErrorKind.AlreadyExists, await _providers.CreateAsync(wish, CancellationToken.None).KindAsync());

        await _providers.UpdateAsync(made.Id, new JsonObject { ["enable"] = false }, CancellationToken.None);
        var read = await _providers.FindAsync(made.Id, CancellationToken.None);
        Assert.Equal((false, "Models of Acme"), (read!.Enabled, (string?)read.Fields["description"]));
        Assert.True(await _providers.DeleteAsync(made.Id, CancellationToken.None));
        Assert.False(await _providers.DeleteAsync(made.Id, CancellationToken.None));
        Assert.Null(await _providers.FindAsync(made.Id, CancellationToken.None));
        Assert.Equal(CloudflareErrorKind.NotFound, await _providers.UpdateAsync(made.Id, new JsonObject { ["enable"] = true }, CancellationToken.None).KindAsync());
    }

    [Fact, Operation("patchCustomProvider")]
    public async Task Update_FieldsThatWereRead_ChangesOneAndNoOther()
    {
        var made = await _providers.CreateAsync(new("Acme", "acme", new("https://api.acme.example.com")) { Description = "d", Beta = true }, CancellationToken.None);
        made.Fields["name"] = "Acme 2";
        var after = await _providers.UpdateAsync(made.Id, made.Fields, CancellationToken.None);
        foreach (var fields in (JsonObject[])[made.Fields, after.Fields]) fields.Remove("modified_at");
        Assert.Equal(made.Fields.ToJsonString(), after.Fields.ToJsonString());
    }

    [Fact, Operation("listCustomProviders")]
    public async Task List_MoreThanAPage_IsOrderedByNameAndNarrowed()
    {
        for (var i = 0; i < 105; i++)
            await _providers.CreateAsync(new($"P {i:000}", $"p-{i:000}", new($"https://p{i}.example.com")) { Enabled = i % 2 == 0, Beta = i == 7 }, CancellationToken.None);
        Assert.Equal(Enumerable.Range(0, 105).Select(i => $"P {i:000}"), (await _providers.ListAsync(new(), CancellationToken.None).AllAsync()).Select(provider => provider.Name));
        Assert.Equal(53, (await _providers.ListAsync(new(Enabled: true), CancellationToken.None).AllAsync()).Count);
        Assert.Equal("p-007", Assert.Single(await _providers.ListAsync(new(Beta: true), CancellationToken.None).AllAsync()).Slug);
        // No id, which the search looks at too, holds a "p".
        Assert.Equal("p-042", Assert.Single(await _providers.ListAsync(new(Search: "p-042"), CancellationToken.None).AllAsync()).Slug);
        Assert.Equal("P 104", (await _providers.ListAsync(new(OrderBy: "name DESC"), CancellationToken.None).AllAsync())[0].Name);
    }

    [Fact, Operation("createCustomProvider")]
    public async Task Create_WithoutHttps_IsRefused() =>
        Assert.Equal(CloudflareErrorKind.Validation, await _emulator.Client(held: false).CustomProviders.CreateAsync(new("Acme", "acme", new("http://api.acme.example.com")), CancellationToken.None).KindAsync());
}
