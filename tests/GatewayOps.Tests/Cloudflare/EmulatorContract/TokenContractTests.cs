using System.Text.Json.Nodes;
using GatewayOps.Cloudflare;
using GatewayOps.Cloudflare.Tokens;
using GatewayOps.Tests.Contract;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Cloudflare.EmulatorContract;

public sealed class TokenContractTests : IAsyncLifetime
{
    private TestEmulator _emulator = null!;
    private TokenClient _tokens = null!;

    public async Task InitializeAsync()
    {
        _emulator = await TestEmulator.StartAsync();
        _tokens = _emulator.Client().Tokens;
    }

    public async Task DisposeAsync() => await _emulator.DisposeAsync();

    private OwnedTokenClient Of(bool user) => user ? _tokens.User : _tokens.Account;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Operation("createAccountToken", "getAccountToken", "updateAccountToken", "deleteAccountToken", "verifyAccountToken", "rollAccountToken", "listAccountPermissionGroups",
        "createUserToken", "getUserToken", "updateUserToken", "deleteUserToken", "verifyUserToken", "rollUserToken", "listUserPermissionGroups")]
    public async Task FromCreateToDelete_TheValue_OpensWhatThePoliciesSayUntilItIsRolledOrDisabled(bool user)
    {
        var tokens = Of(user);
        var groups = await tokens.ResolveAsync(["AI Gateway Read"], CancellationToken.None);
        var made = await tokens.CreateAsync(new("reader", [TokenPolicy.OnAccount(_emulator.Options.AccountId, groups)]), CancellationToken.None);
        Assert.Equal(("reader", "active", groups[0].Id), (made.Token.Name, made.Token.Status, made.Token.Policies.Single().PermissionGroups.Single()));

        var reader = _emulator.Client(options => options with { ApiToken = made.Value });
        Assert.Equal((made.Token.Id, "active"), await StatusAsync(user ? reader.Tokens.User : reader.Tokens.Account));
        Assert.Empty(await reader.Gateways.ListAsync(CancellationToken.None).AllAsync());
        Assert.Equal(CloudflareErrorKind.Permission, await reader.Gateways.CreateAsync(EmulatedAccount.NewGateway("gw"), CancellationToken.None).KindAsync());

        var value = await tokens.RollAsync(made.Token.Id, CancellationToken.None);
        Assert.NotEqual(made.Value, value);
        Assert.Contains(await reader.Gateways.ListAsync(CancellationToken.None).AllAsync().KindAsync(), new[] { CloudflareErrorKind.Authentication, CloudflareErrorKind.Permission });
        var rolled = _emulator.Client(options => options with { ApiToken = value });
        Assert.Empty(await rolled.Gateways.ListAsync(CancellationToken.None).AllAsync());

        var read = await tokens.FindAsync(made.Token.Id, CancellationToken.None);
        Assert.False(read!.Fields.ContainsKey("value"));
        read.Fields["status"] = "disabled";
        Assert.Equal("disabled", (await tokens.UpdateAsync(made.Token.Id, read.Fields, CancellationToken.None)).Status);
        await rolled.Gateways.ListAsync(CancellationToken.None).AllAsync().FailureAsync();

        Assert.True(await tokens.DeleteAsync(made.Token.Id, CancellationToken.None));
        Assert.False(await tokens.DeleteAsync(made.Token.Id, CancellationToken.None));
        Assert.Null(await tokens.FindAsync(made.Token.Id, CancellationToken.None));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Operation("listAccountTokens", "listUserTokens")]
    public async Task List_MoreThanAPage_GoesToTheEnd(bool user)
    {
        var tokens = Of(user);
        var groups = await tokens.ResolveAsync(["AI Gateway Read"], CancellationToken.None);
        // A user has 50 at most, his own first one among them.
        var count = user ? 20 : 55;
        for (var i = 0; i < count; i++) await tokens.CreateAsync(new($"t-{i:00}", [TokenPolicy.OnAccount(_emulator.Options.AccountId, groups)]), CancellationToken.None);
        var names = (await tokens.ListAsync(includeExpired: false, CancellationToken.None).AllAsync()).Select(token => token.Name).ToList();
        Assert.Equal(Enumerable.Range(0, count).Select(i => $"t-{i:00}"), names.Where(name => name.StartsWith("t-", StringComparison.Ordinal)).Order());
        Assert.Equal(names.Count, names.Distinct().Count());
    }

    [Fact, Operation("listAccountTokens", "createAccountToken")]
    public async Task List_Expired_ShowsOnlyWhenAskedFor()
    {
        var account = _tokens.Account;
        var groups = await account.ResolveAsync(["AI Gateway Run"], CancellationToken.None);
        var made = await account.CreateAsync(new("short", [TokenPolicy.OnAccount(_emulator.Options.AccountId, groups)]) { ExpiresOn = TimeProvider.System.GetUtcNow().AddHours(1) }, CancellationToken.None);
        await _emulator.AdvanceClockAsync(TimeSpan.FromHours(2));
        Assert.DoesNotContain(await account.ListAsync(includeExpired: false, CancellationToken.None).AllAsync(), token => token.Id == made.Token.Id);
        Assert.Contains(await account.ListAsync(includeExpired: true, CancellationToken.None).AllAsync(), token => token.Id == made.Token.Id && token.Status == "expired");
    }

    [Fact, Operation("verifyAccountToken", "verifyUserToken")]
    public async Task Verify_RightAndWrong_AreTold()
    {
        Assert.Equal("active", (await _tokens.VerifyAsync(CancellationToken.None)).Status);
        var wrong = _emulator.Client(options => options with { ApiToken = "wrong" });
        Assert.Equal(CloudflareErrorKind.Authentication, await wrong.Tokens.VerifyAsync(CancellationToken.None).KindAsync());
        Assert.Contains(await wrong.Gateways.FindAsync("gw", CancellationToken.None).KindAsync(), new[] { CloudflareErrorKind.Authentication, CloudflareErrorKind.Permission });
    }

    [Fact, Operation("listAccountPermissionGroups")]
    public async Task PermissionGroups_ByNameAndUnknown_AreTold()
    {
        var run = Assert.Single(await _tokens.Account.ListPermissionGroupsAsync("AI Gateway Run", null, CancellationToken.None).AllAsync());
        Assert.Equal(run.Id, (await _tokens.Account.ResolveAsync(["AI Gateway Run"], CancellationToken.None)).Single().Id);
        // Known from public listings (contract, section 1.1).
        Assert.Equal("4dc8917b4b40457d88d3035d5dadb054", (await _tokens.Account.ResolveAsync(["AI Gateway Read"], CancellationToken.None)).Single().Id);
        Assert.Equal(CloudflareErrorKind.NotFound, await _tokens.Account.ResolveAsync(["AI Gateway Walk"], CancellationToken.None).KindAsync());
    }

    [Fact, Operation("createAccountToken")]
    public async Task Create_WithAnUnknownGroup_IsRefused() =>
        Assert.Equal(CloudflareErrorKind.NotFound, await _tokens.Account.CreateAsync(
            new("none", [new(["00000000000000000000000000000000"], new Dictionary<string, string> { [$"com.cloudflare.api.account.{_emulator.Options.AccountId}"] = "*" })]), CancellationToken.None).KindAsync());

    private static async Task<(string, string)> StatusAsync(OwnedTokenClient tokens)
    {
        var status = await tokens.VerifyAsync(CancellationToken.None);
        return (status.Id, status.Status);
    }
}
