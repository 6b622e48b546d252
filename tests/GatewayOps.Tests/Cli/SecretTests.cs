using System.Collections.Concurrent;
using System.Runtime.Versioning;
using System.Text.Json.Nodes;
using GatewayOps.Cli.Commands;
using GatewayOps.Cli.ControlPlane;
using GatewayOps.ControlPlane.Hosting;
using GatewayOps.Tests.Proxy;
using GatewayOps.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace GatewayOps.Tests.Cli;

/// <summary>`secret put`, and the places that a service takes secrets from: Vault first.</summary>
[SupportedOSPlatform("linux")]
public sealed class SecretTests : IDisposable
{
    private const string Canary = "canary-value";
    private readonly TemporaryFolder _folder = new();

    [Fact, Trait("checklist", "S2-24")]
    public async Task Put_WritesWhereAServiceReads_ForItsOwnerAlone_AndShowsNothing()
    {
        await File.WriteAllTextAsync(_folder[".env"], "# mine\nexport OPENAI_API_KEY=old\nCLOUDFLARE_GATEWAY_ID=prod\n");
        File.SetUnixFileMode(_folder[".env"], (UnixFileMode)0b110_100_100);

        var runs = new List<CliRun>
        {
            await RunAsync([], "secret", "put", "OPENAI_API_KEY", "--from-env", "NEW"),
            await RunAsync([], "secret", "put", "GEMINI_API_KEY", "--from-env", "NEW", "-o", "json"),
            await RunAsync(new() { ["AUTH_TOKEN"] = "other" }, "secret", "put", "AUTH_TOKEN", "--from-file", Written($"{Canary} # \"1\n")),
        };

        Assert.All(runs, run => Assert.True(run.ExitCode == 0 && !(run.Output + run.Errors).Contains(Canary, StringComparison.Ordinal), run.Errors));
        Assert.Contains("the environment has AUTH_TOKEN, too, and wins", runs[2].Errors);
        Assert.Equal($"# mine\nCLOUDFLARE_GATEWAY_ID=prod\nOPENAI_API_KEY={Canary}\nGEMINI_API_KEY={Canary}\nAUTH_TOKEN=\"{Canary} # \"1\"\n", await File.ReadAllTextAsync(_folder[".env"]));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_folder[".env"]));
        var settings = Settings([]);
        Assert.Equal((Canary, Canary, $"{Canary} # \"1"), (settings["GatewayOps:Providers:openai:ApiKey"], settings["GatewayOps:Providers:google-ai-studio:ApiKey"], settings["GatewayOps:Proxy:AuthToken"]));
    }

    [Theory]
    [InlineData("PATH", "PATH is no secret of the service")]
    [InlineData("CLOUDFLARE_GATEWAY_ID", "is no secret of the service")]
    [InlineData("AUTH_TOKEN", "NONE holds no secret", "--from-env", "NONE")]
    [InlineData("AUTH_TOKEN", "one line", "--from-env", "TWO_LINES")]
    [InlineData("AUTH_TOKEN", "GATEWAYOPS_VAULT_PATH", "--from-env", "NEW", "--to", "vault")]
    public async Task Put_WhatCannotBe_SaysWhy_AndWritesNothing(string name, string says, params string[] more)
    {
        var run = await RunAsync([], ["secret", "put", name, .. more.Length == 0 ? ["--from-env", "NEW"] : more]);
        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.Contains(says, run.Errors);
        Assert.Contains("next:  ", run.Errors);
        Assert.False(File.Exists(_folder[".env"]));
    }

    [Fact, Trait("checklist", "S1-12")]
    public async Task Vault_IsAskedFirst_AndWhatItHasWinsOverTheEnvironment()
    {
        await using var vault = await VaultStub.StartAsync("""{"cloudflare_account_id":"of-vault","CLOUDFLARE_API_TOKEN":"canary-of-vault","unknown":"x","auth_token":7}""");
        var variables = new Dictionary<string, string>(vault.Variables) { ["CLOUDFLARE_ACCOUNT_ID"] = "of-environment", ["CLOUDFLARE_API_TOKEN"] = "of-environment", ["VAULT_NAMESPACE"] = "team" };

        var settings = Settings(variables);
        Assert.Equal(("of-vault", "canary-of-vault", null), (settings["GatewayOps:Cloudflare:AccountId"], settings["GatewayOps:Cloudflare:ApiToken"], settings["GatewayOps:Proxy:AuthToken"]));
        Assert.Equal(new Credentials("Vault", "Vault"), Credentials.Find(new Surroundings(variables, _folder.Path)));
        Assert.Equal(("GET", "/v1/secret/data/gatewayops", VaultStub.Token, "team"), vault.Asked.First());
        var install = await RunAsync(variables, "install", "--data", _folder["data"]);
        Assert.Contains("from Vault", install.Output);
        Assert.DoesNotContain("canary", install.Output + install.Errors);
    }

    [Fact, Trait("checklist", "S1-13")]
    public async Task Vault_WithoutTheSecret_OrNotConfigured_LeavesItToTheEnvironment()
    {
        await using var vault = await VaultStub.StartAsync(fields: null);
        var environment = new Dictionary<string, string> { ["CLOUDFLARE_ACCOUNT_ID"] = "a", ["CLOUDFLARE_API_TOKEN"] = "t" };
        var both = environment.Concat(vault.Variables).ToDictionary();
        Assert.Equal(new Credentials("the environment", "the environment"), Credentials.Find(new Surroundings(both, _folder.Path)));
        both[VaultSecrets.PathVariable] = "";
        Assert.Equal(new Credentials("the environment", "the environment"), Credentials.Find(new Surroundings(both, _folder.Path)));
        Assert.Single(vault.Asked);

        var neither = await RunAsync(new(vault.Variables) { ["CLOUDFLARE_BASE_URL"] = vault.Url.ToString() }, "doctor");
        Assert.Equal(3, neither.ExitCode);
        Assert.Contains("Not Configured", neither.Errors);
    }

    [Fact]
    public async Task Vault_IsAskedOnce_ByAVerbThatReachesTheModelItself()
    {
        await using var vault = await VaultStub.StartAsync("""{"cloudflare_account_id":"acc","cloudflare_gateway_token":"canary-of-vault"}""");

        var run = await RunAsync(new(vault.Variables) { ["CLOUDFLARE_GATEWAY_BASE_URL"] = vault.Url.ToString() }, "test", "--direct");

        Assert.Equal(1, run.ExitCode); // no gateway is there
        Assert.Single(vault.Asked);
        Assert.DoesNotContain("canary", run.Output + run.Errors);
    }

    [Theory]
    [InlineData(403, "its policy lacks `read` on secret/data/gatewayops")]
    [InlineData(503, "sealed")]
    [InlineData(307, "Vault answers 307")]
    [InlineData(0, "cannot be reached")]
    [InlineData(-1, "VAULT_ADDR is not")]
    [InlineData(-2, "set VAULT_TOKEN")]
    [InlineData(-3, "is not engine and secret")]
    public async Task Vault_ThatCannotBeAsked_StopsTheStart_AndNothingFallsBackUnseen(int status, string says)
    {
        await using var vault = await VaultStub.StartAsync("{}", Math.Max(status, 200));
        var variables = new Dictionary<string, string>(vault.Variables) { ["CLOUDFLARE_ACCOUNT_ID"] = "a", ["CLOUDFLARE_API_TOKEN"] = "t" };
        (string, string)[] changes = [("VAULT_ADDR", "http://127.0.0.1:9"), ("VAULT_ADDR", ""), ("VAULT_TOKEN", ""), (VaultSecrets.PathVariable, "secret")];
        if (status <= 0)
        {
            variables[changes[-status].Item1] = changes[-status].Item2;
        }

        var fault = Assert.Throws<StartException>(() => Settings(variables));
        Assert.Contains(says, fault.Message);
        Assert.DoesNotContain(VaultStub.Token, fault.Message);
        var run = await RunAsync(variables, "install", "--data", _folder["data"]);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains(says, run.Errors);
    }

    [Fact, Trait("checklist", "S1-12")]
    public async Task Put_IntoVault_KeepsTheOtherFields_AndRefusesToOverwriteWhatItHasNotSeen()
    {
        await using var vault = await VaultStub.StartAsync("""{"AUTH_TOKEN":"old","openai_api_key":"kept"}""");
        var run = await RunAsync(vault.Variables, "secret", "put", "AUTH_TOKEN", "--from-env", "NEW", "-o", "name");
        Assert.True(run is { ExitCode: 0, Output: "AUTH_TOKEN\n" }, run.Errors);
        Assert.Equal("{\"options\":{\"cas\":3},\"data\":{\"openai_api_key\":\"kept\",\"auth_token\":\"" + Canary + "\"}}", vault.Written!.ToJsonString());
        Assert.False(File.Exists(_folder[".env"]));
        Assert.DoesNotContain(Canary, run.Errors);

        var file = await RunAsync(vault.Variables, "secret", "put", "AUTH_TOKEN", "--from-env", "NEW", "--to", "env-file");
        Assert.True(file.ExitCode == 0 && File.Exists(_folder[".env"]), file.Errors);
    }

    [Fact]
    public void Names_AreSecrets_OrTheAccountBesideThem()
    {
        Assert.Contains("OPENAI_API_KEY", SecretCommand.Names);
        Assert.Contains("CLOUDFLARE_ACCOUNT_ID", SecretCommand.Names);
        Assert.DoesNotContain("CLOUDFLARE_MODEL", SecretCommand.Names);
        Assert.DoesNotContain("ASPNETCORE_URLS", SecretCommand.Names);
    }

    public void Dispose() => _folder.Dispose();

    private Task<CliRun> RunAsync(Dictionary<string, string> variables, params string[] line) =>
        CliRun.InAsync(new Dictionary<string, string>(variables) { ["NEW"] = Canary, ["TWO_LINES"] = "a\nb" }, line, _folder.Path);

    private ConfigurationManager Settings(Dictionary<string, string> variables)
    {
        var settings = new ConfigurationManager();
        ServiceSettings.AddSources(settings, [], new Surroundings(variables, _folder.Path));
        return settings;
    }

    private string Written(string text)
    {
        File.WriteAllText(_folder["secret.txt"], text);
        return _folder["secret.txt"];
    }

    /// <summary>One secret of the key/value engine version 2, at its third version.</summary>
    private sealed class VaultStub : IAsyncDisposable
    {
        public const string Token = "canary-of-the-vault-token";
        private StubGateway _stub = null!;

        public ConcurrentQueue<(string Method, string Path, string? Token, string? Namespace)> Asked { get; } = new();

        public JsonNode? Written { get; private set; }

        public Uri Url => _stub.BaseUrl;

        public Dictionary<string, string> Variables => new() { ["VAULT_ADDR"] = _stub.BaseUrl.ToString(), ["VAULT_TOKEN"] = Token, [VaultSecrets.PathVariable] = "secret/gatewayops" };

        public static async Task<VaultStub> StartAsync(string? fields, int status = 200)
        {
            var vault = new VaultStub();
            vault._stub = await StubGateway.StartAsync(context => vault.AnswerAsync(context, fields, status));
            return vault;
        }

        public ValueTask DisposeAsync() => _stub.DisposeAsync();

        private async Task AnswerAsync(HttpContext context, string? fields, int status)
        {
            if (!context.Request.Path.StartsWithSegments("/v1/secret"))
            {
                context.Response.StatusCode = 404;
                return;
            }

            var (request, response) = (context.Request, context.Response);
            Asked.Enqueue((request.Method, request.Path, request.Headers["X-Vault-Token"], request.Headers["X-Vault-Namespace"]));
            response.StatusCode = fields is null ? 404 : status;
            if (request.Method == "POST")
            {
                Written = await JsonNode.ParseAsync(request.Body);
            }

            await response.WriteAsync(fields is null ? "{\"errors\":[]}" : "{\"data\":{\"data\":" + fields + ",\"metadata\":{\"version\":3}}}");
        }
    }
}
