using System.Text.Json.Nodes;
using GatewayOps.Cloudflare;
using GatewayOps.Cloudflare.Tokens;

namespace GatewayOps.Tests.Cloudflare;

public sealed class TokenClientTests
{
    private const string Token = """
        {"id":"t1","name":"run","status":"active","issued_on":"2026-01-01T00:00:00Z","modified_on":"2026-01-01T00:00:00Z","last_used_on":null,"unknown":1.50,
         "policies":[{"id":"p","effect":"allow","permission_groups":[{"id":"g1","name":"AI Gateway Run"}],"resources":{"com.cloudflare.api.account.acc":"*"}}]
        """;

    private static readonly PermissionGroup Run = new("g1", "AI Gateway Run", ["com.cloudflare.api.account"], null);

    [Fact]
    public async Task Create_Token_GivesItsValueOnceAndHidesIt()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Ok(Token + ""","value":"cfat_canary"}"""));
        var wish = new NewToken("run", [TokenPolicy.OnAccount("acc", Run)])
        {
            AllowedAddresses = ["10.0.0.0/8"],
            DeniedAddresses = ["10.1.0.0/16"],
            ExpiresOn = new(2027, 1, 1, 1, 0, 0, TimeSpan.FromHours(1)),
            NotBefore = DateTimeOffset.UnixEpoch,
        };
        var made = await stub.Client().Tokens.Account.CreateAsync(wish, CancellationToken.None);
        Assert.Equal("cfat_canary", made.Value);
        Assert.DoesNotContain("canary", made.ToString() + made.Token.Fields.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal("""
            POST tokens {"name":"run","policies":[{"effect":"allow","permission_groups":[{"id":"g1"}],"resources":{"com.cloudflare.api.account.acc":"*"}}],"condition":{"request_ip":{"in":["10.0.0.0/8"],"not_in":["10.1.0.0/16"]}},"expires_on":"2027-01-01T00:00:00Z","not_before":"1970-01-01T00:00:00Z"}
            """, stub.Asked);
    }

    [Fact]
    public async Task Create_AnswerWithoutValue_IsAmbiguous()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Ok(Token + "}"));
        var failure = await stub.Client().Tokens.User.CreateAsync(new("run", []), CancellationToken.None).FailureAsync();
        Assert.Equal((CloudflareErrorKind.Protocol, true), (failure.Kind, failure.IsAmbiguous));
        Assert.Equal("""POST /client/v4/user/tokens {"name":"run","policies":[]}""", stub.Asked);
    }

    [Fact]
    public async Task Update_ReadModifyWrite_KeepsWhatIsNotTouched()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Ok(Token + "}"));
        var tokens = stub.Client(held: false).Tokens.Account;
        var token = await tokens.FindAsync("t1", CancellationToken.None);
        Assert.Equal(("g1", "*", true), (token!.Policies[0].PermissionGroups[0], token.Policies[0].Resources["com.cloudflare.api.account.acc"], token.Policies[0].Allow));
        token.Fields["status"] = "disabled";
        await tokens.UpdateAsync("t1", token.Fields, CancellationToken.None);
        Assert.Equal("""
            PUT tokens/t1 {"name":"run","status":"disabled","unknown":1.50,"policies":[{"id":"p","effect":"allow","permission_groups":[{"id":"g1","name":"AI Gateway Run"}],"resources":{"com.cloudflare.api.account.acc":"*"}}]}
            """, stub.Requests[1].ToString());
    }

    [Fact]
    public async Task Roll_Token_SendsAnEmptyObjectAndGivesTheNewValue()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Ok("\"cfut_new\""));
        Assert.Equal("cfut_new", await stub.Client().Tokens.User.RollAsync("t1", CancellationToken.None));
        Assert.Equal("PUT /client/v4/user/tokens/t1/value {}", stub.Asked);
    }

    [Fact]
    public async Task List_Expired_IsAskedOfTheAccountAlone()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Ok("[]"));
        var tokens = stub.Client().Tokens;
        await tokens.Account.ListAsync(includeExpired: true, CancellationToken.None).AllAsync();
        await tokens.User.ListAsync(includeExpired: true, CancellationToken.None).AllAsync();
        Assert.Equal(["GET tokens?page=1&per_page=50&include_expired=true", "GET /client/v4/user/tokens?page=1&per_page=50"], stub.Requests.Select(seen => seen.ToString()));
    }

    [Fact]
    public async Task Resolve_Names_GivesTheGroupsInTheirOrder()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Ok("""[{"id":"g2","name":"AI Gateway Read","scopes":["com.cloudflare.api.account"]},{"id":"g1","name":"AI Gateway Run","scopes":[],"category":"AI"}]"""));
        var account = stub.Client().Tokens.Account;
        Assert.Equal(["g1", "g2"], (await account.ResolveAsync(["AI Gateway Run", "ai gateway read"], CancellationToken.None)).Select(group => group.Id));
        var failure = await account.ResolveAsync(["AI Gateway Run", "AI Gateway Walk"], CancellationToken.None).FailureAsync();
        Assert.Equal(CloudflareErrorKind.NotFound, failure.Kind);
        Assert.Contains("`AI Gateway Walk`", failure.Message, StringComparison.Ordinal);
        Assert.Equal("GET tokens/permission_groups", stub.Requests[0].ToString());
    }

    [Fact]
    public async Task Verify_SuccessMessage10000_IsNoError()
    {
        await using var stub = await StubCloudflare.StartAsync(new Answer(200,
            """{"success":true,"errors":[],"messages":[{"code":10000,"message":"This API Token is valid and active"}],"result":{"id":"t","status":"active","expires_on":"2027-01-01T00:00:00Z"}}"""));
        var status = await stub.Client().Tokens.Account.VerifyAsync(CancellationToken.None);
        Assert.Equal(("t", "active", 2027), (status.Id, status.Status, status.ExpiresOn!.Value.Year));
    }

    [Fact]
    public async Task Delete_Token_AbsentIsFalse()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Ok("""{"id":"t1"}"""), Answer.Error(404, 1001, "Not found"));
        var account = stub.Client().Tokens.Account;
        Assert.True(await account.DeleteAsync("t1", CancellationToken.None));
        Assert.False(await account.DeleteAsync("t1", CancellationToken.None));
    }
}
