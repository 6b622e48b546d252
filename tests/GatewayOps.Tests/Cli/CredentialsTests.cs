using GatewayOps.Cli.ControlPlane;
using GatewayOps.ControlPlane.Hosting;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Cli;

/// <summary>Where the credentials are said to come from is where the service takes them from.</summary>
public sealed class CredentialsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact, Trait("checklist", "S1-13"), Trait("checklist", "S4-01")]
    public void EachSource_IsNamed_AndTheStrongerOneWins()
    {
        Assert.Equal(new Credentials(null, null), Find());

        Directory.CreateDirectory(_folder["keys/cloudflare-key"]);
        File.WriteAllText(_folder["keys/cloudflare-key/key.env"], "token\n");
        File.WriteAllText(_folder["keys/cloudflare-key/account_id.env"], "account\n");
        Assert.Equal(new Credentials("keys/cloudflare-key", "keys/cloudflare-key"), Find());

        File.WriteAllText(_folder["appsettings.json"], """{"GatewayOps":{"Cloudflare":{"AccountId":"a"}}}""");
        Assert.Equal(new Credentials("appsettings.json", "keys/cloudflare-key"), Find());

        File.WriteAllText(_folder["appsettings.Production.json"], """{"GatewayOps":{"Cloudflare":{"AccountId":"a"}}}""");
        Assert.Equal(new Credentials("appsettings.Production.json", "keys/cloudflare-key"), Find());

        File.WriteAllText(_folder[".env"], "CLOUDFLARE_AUTH_TOKEN=t\nCLOUDFLARE_ACCOUNT_ID=a\n");
        Assert.Equal(new Credentials(".env", ".env"), Find());

        Assert.Equal(new Credentials("the environment", ".env"), Find("CLOUDFLARE_ACCOUNT_ID"));
        Assert.Equal(new Credentials("the environment", "the environment"), Find("CLOUDFLARE_ACCOUNT_ID", "CLOUDFLARE_API_TOKEN"));
    }

    [Fact, Trait("checklist", "S1-11")]
    public async Task Install_Twice_MakesTheFolderOnce_AndNamesTheSources()
    {
        File.WriteAllText(_folder[".env"], "CLOUDFLARE_API_TOKEN=the-secret\n");
        var variables = new Dictionary<string, string> { ["CLOUDFLARE_ACCOUNT_ID"] = "the-account" };

        var first = await CliRun.InAsync(variables, ["install", "--data", _folder["data"], "-o", "json"], _folder.Path);
        var second = await CliRun.InAsync(variables, ["install", "--data", _folder["data"]], _folder.Path);

        Assert.Equal((0, 0), (first.ExitCode, second.ExitCode));
        Assert.Contains($"made {_folder["data"]}", first.Errors);
        Assert.Contains("already installed", second.Errors);
        Assert.Contains("account from the environment, token from .env", second.Output);
        Assert.DoesNotContain("the-secret", first.Output + first.Errors + second.Output + second.Errors);
    }

    [Fact, Trait("checklist", "S1-13")]
    public async Task Install_NoCredentials_SaysNotConfigured()
    {
        var run = await CliRun.InAsync(new Dictionary<string, string>(), ["install", "--data", _folder["data"]], _folder.Path);
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("Not Configured", run.Output);
        Assert.Contains("next:  export CLOUDFLARE_ACCOUNT_ID and CLOUDFLARE_API_TOKEN", run.Errors);
    }

    [Fact, Trait("checklist", "S1-11")]
    public async Task Uninstall_KeepsTheData_AndTakesWhatOpensTheService()
    {
        await CliRun.InProcessAsync("install", "--data", _folder["data"]);
        Directory.CreateDirectory(_folder["data/postgres"]);
        File.WriteAllText(_folder["data/postgres/PG_VERSION"], "15");
        File.WriteAllText(_folder["data/operator-token"], "gop_secret");
        new DevAddress(new Uri("http://127.0.0.1:1"), "gop_secret").Write(_folder["data"]); // as a killed `dev` leaves it: nobody answers there

        var run = await CliRun.InProcessAsync("uninstall", "--data", _folder["data"]);
        var again = await CliRun.InProcessAsync("uninstall", "--data", _folder["none"]);

        Assert.Equal((0, 0), (run.ExitCode, again.ExitCode));
        Assert.Equal([_folder["data/postgres/PG_VERSION"]], Directory.EnumerateFiles(_folder["data"], "*", SearchOption.AllDirectories));
        Assert.Contains($"the data is kept in {_folder["data"]}", run.Errors);
        Assert.Contains("not installed", again.Errors);
    }

    [Fact]
    public async Task Uninstall_DevIsRunning_IsRefused()
    {
        await using var service = await StubService.StartAsync();
        service.On("GET /version", """{"version":"1"}""");
        Directory.CreateDirectory(_folder["data"]);
        new DevAddress(service.Url, "gop_secret").Write(_folder["data"]);

        var run = await CliRun.InProcessAsync("uninstall", "--data", _folder["data"]);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("`dev` is running", run.Errors);
        Assert.NotNull(DevAddress.Read(_folder["data"]));
    }

    public void Dispose() => _folder.Dispose();

    private Credentials Find(params string[] variables) => Credentials.Find(new Surroundings(variables.ToDictionary(name => name, _ => "value"), _folder.Path));
}
