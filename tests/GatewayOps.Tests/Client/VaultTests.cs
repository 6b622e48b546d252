using GatewayOps.Client;
using GatewayOps.Client.WorkersAi;
using GatewayOps.Tests.Proxy;
using GatewayOps.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace GatewayOps.Tests.Client;

/// <summary>Credentials in HashiCorp Vault, over its HTTP API: read first where it is named.</summary>
[Trait("checklist", "S1-12")]
public sealed class VaultTests : IAsyncLifetime, IDisposable
{
    private const string VaultToken = "hvs.canary-of-vault";

    private readonly TemporaryFolder _folder = new();
    private readonly List<(string Path, string? Token, string? Namespace)> _asked = [];
    private readonly Dictionary<string, string> _environment = new()
    {
        ["CLOUDFLARE_ACCOUNT_ID"] = "acc-of-env",
        ["CLOUDFLARE_GATEWAY_TOKEN"] = "token-of-env",
        ["VAULT_TOKEN"] = VaultToken,
    };

    private (int Status, string Body) _answer = (200, """{"request_id":"r","data":{"data":{"cloudflare_account_id":"acc-of-vault","CLOUDFLARE_API_TOKEN":"token-of-vault\n"},"metadata":{"version":3}}}""");
    private StubGateway _vault = null!;

    public async Task InitializeAsync()
    {
        _vault = await StubGateway.StartAsync(async context =>
        {
            _asked.Add((context.Request.Path, context.Request.Headers["X-Vault-Token"], context.Request.Headers["X-Vault-Namespace"]));
            context.Response.StatusCode = _answer.Status;
            await context.Response.WriteAsync(_answer.Body);
        });
        _environment["VAULT_ADDR"] = _vault.BaseUrl.AbsoluteUri;
        _environment["GATEWAYOPS_VAULT_PATH"] = "secret/gatewayops";
    }

    public async Task DisposeAsync() => await _vault.DisposeAsync();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Vault_IsReadFirst_AndOnce()
    {
        var options = Read();
        Assert.Equal(("acc-of-vault", "token-of-vault"), (options.AccountId, options.GatewayToken));
        Assert.Equal(("/v1/secret/data/gatewayops", VaultToken, null), Assert.Single(_asked));
        Assert.Equal("token-of-vault", WorkersAiOptions.FromEnvironment(Sources).ApiToken);
    }

    [Theory]
    [InlineData("kv/teams/ai", "/v1/kv/data/teams/ai")]
    [InlineData("apps/kv/data/ai", "/v1/apps/kv/data/ai")]
    public void Secret_HasAPathOfItsOwn(string path, string route)
    {
        _environment["GATEWAYOPS_VAULT_PATH"] = path;
        _environment["VAULT_NAMESPACE"] = "team-a";
        Assert.Equal("acc-of-vault", Read().AccountId);
        Assert.Equal((route, VaultToken, "team-a"), Assert.Single(_asked));
    }

    [Fact]
    public void WhatVaultDoesNotHave_ComesFromTheOthers()
    {
        _answer = (200, """{"data":{"data":{"cloudflare_account_id":"acc-of-vault","other":1}}}""");
        var options = Read();
        Assert.Equal(("acc-of-vault", "token-of-env"), (options.AccountId, options.GatewayToken));
        _answer = (404, """{"errors":[]}""");
        Assert.Equal("acc-of-env", Read().AccountId);
    }

    [Fact]
    public void Vault_IsAskedNothing_ByWhoNeedsNothingOfIt()
    {
        Read(new GatewayArguments { AccountId = "a", GatewayToken = "t" });
        Read(new GatewayArguments { Provider = "lmstudio", Model = "m" });
        // Many have a Vault, and not for this.
        _environment.Remove("GATEWAYOPS_VAULT_PATH");
        Assert.Equal("acc-of-env", Read().AccountId);
        Assert.Empty(_asked);
    }

    [Theory]
    [InlineData("VAULT_TOKEN_FILE", "token-file")]
    [InlineData("HOME", ".vault-token")]
    public void TokenOfVault_MayBeInAFile(string variable, string file)
    {
        _environment.Remove("VAULT_TOKEN");
        Assert.Equal("VAULT_TOKEN", Refused().Variable);
        File.WriteAllText(_folder[file], VaultToken + "\n");
        _environment[variable] = variable == "HOME" ? _folder.Path : _folder[file];
        Assert.Equal("acc-of-vault", Read().AccountId);
        Assert.Equal(VaultToken, Assert.Single(_asked).Token);
    }

    [Theory]
    [InlineData(403, "{}", "VAULT_TOKEN")]
    [InlineData(503, "{\"sealed\":true}", "VAULT_ADDR")]
    [InlineData(307, "", "VAULT_ADDR")]
    [InlineData(200, "<html>", "GATEWAYOPS_VAULT_PATH")]
    [InlineData(200, "{\"data\":{\"cloudflare_account_id\":\"of version 1\"}}", "GATEWAYOPS_VAULT_PATH")]
    [InlineData(200, "[]", "GATEWAYOPS_VAULT_PATH")]
    public void WrongAnswer_StopsTheStart_WithTheVariable(int status, string body, string variable)
    {
        _answer = (status, body);
        var refused = Refused();
        Assert.Equal(variable, refused.Variable);
        Assert.Contains(variable, refused.Message);
        Assert.DoesNotContain("canary", refused.ToString());
    }

    [Theory]
    [InlineData("VAULT_ADDR", "http://127.0.0.1:9")]
    [InlineData("VAULT_ADDR", "")]
    [InlineData("VAULT_ADDR", "vault.example")]
    [InlineData("VAULT_ADDR", "ftp://vault.example")]
    [InlineData("VAULT_TOKEN", "canary\nX-Other: 1")]
    [InlineData("VAULT_NAMESPACE", "canary b")]
    [InlineData("GATEWAYOPS_VAULT_PATH", "gatewayops")]
    [InlineData("GATEWAYOPS_VAULT_PATH", "secret/../sys")]
    public void WrongSetting_IsRefusedByItsName(string variable, string value)
    {
        _environment[variable] = value;
        var refused = Refused();
        Assert.Equal(variable, refused.Variable);
        Assert.DoesNotContain("canary", refused.ToString());
        Assert.Empty(_asked);
    }

    private GatewaySources Sources => new() { Variable = name => _environment.GetValueOrDefault(name), Folder = _folder.Path };

    private GatewayClientOptions Read(GatewayArguments? arguments = null) => GatewayClientOptions.FromEnvironment(arguments, Sources);

    private GatewayConfigurationException Refused() => Assert.Throws<GatewayConfigurationException>(() => Read());
}
