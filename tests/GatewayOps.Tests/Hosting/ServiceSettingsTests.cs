using GatewayOps.ControlPlane.Hosting;
using GatewayOps.Tests.Support;
using Microsoft.Extensions.Configuration;

namespace GatewayOps.Tests.Hosting;

public sealed class ServiceSettingsTests : IDisposable
{
    private const string Setting = "GatewayOps:Cloudflare:ApiToken";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Each source over the weaker ones, the strongest taken away one by one.</summary>
    [Fact, Trait("checklist", "S0-03"), Trait("checklist", "S0-12"), Trait("checklist", "S4-01")]
    public void Sources_HaveOneOrder()
    {
        Directory.CreateDirectory(_folder["keys/cloudflare-key"]);
        File.WriteAllText(_folder["keys/cloudflare-key/key.env"], "from-key-file\n");
        File.WriteAllText(_folder["appsettings.json"], """{"GatewayOps":{"Cloudflare":{"ApiToken":"from-appsettings"}}}""");
        File.WriteAllText(_folder[".env"], "CLOUDFLARE_API_TOKEN=from-dotenv\n");
        var variables = new Dictionary<string, string>
        {
            ["GatewayOps__Cloudflare__ApiToken"] = "from-setting-name",
            ["CLOUDFLARE_API_TOKEN"] = "from-name",
            ["CLOUDFLARE_AUTH_TOKEN"] = "from-alias",
        };

        Assert.Equal("from-argument", Read(variables, $"--{Setting}=from-argument"));
        Assert.Equal("from-setting-name", Read(variables));
        variables["GatewayOps__Cloudflare__ApiToken"] = "";
        Assert.Equal("from-name", Read(variables));
        variables.Remove("CLOUDFLARE_API_TOKEN");
        Assert.Equal("from-alias", Read(variables));
        variables.Clear();
        Assert.Equal("from-dotenv", Read(variables));
        File.Delete(_folder[".env"]);
        Assert.Equal("from-appsettings", Read(variables));
        File.Delete(_folder["appsettings.json"]);
        Assert.Equal("from-key-file", Read(variables));
        Directory.Delete(_folder["keys"], recursive: true);
        Assert.Null(Read(variables));
    }

    [Fact]
    public void Table_NamesEachVariableOnce() =>
        Assert.Equal(EnvironmentNames.Table.Count, EnvironmentNames.Table.Select(row => row.Name).Distinct().Count());

    [Fact]
    public void Variables_ThatDifferByCaseAlone_AreNoFault()
    {
        var settings = EnvironmentNames.Settings([new("http_proxy", "a"), new("HTTP_PROXY", "b"), new("auth_token", "small"), new("AUTH_TOKEN", "capital")]);

        Assert.Equal("capital", settings["GatewayOps:Proxy:AuthToken"]);
    }

    [Fact]
    public void DotEnv_ReadsWhatPeopleWrite()
    {
        File.WriteAllText(_folder[".env"], "# comment\n\nexport A=1\nB = \"two # words\" \nC='3'\nD=4 # comment\nE=a=b\nF=\nA=last\n");

        var read = DotEnvFile.Read(_folder[".env"]).ToDictionary();

        Assert.Equal(new() { ["A"] = "last", ["C"] = "3", ["D"] = "4", ["E"] = "a=b", ["F"] = "", ["B"] = "two # words" }, read);
    }

    [Fact]
    public void DotEnv_LineThatIsNoVariable_IsNamedNotShown()
    {
        File.WriteAllText(_folder[".env"], "A=1\nsecret-without-a-name\n");

        var failure = Assert.Throws<StartException>(() => DotEnvFile.Read(_folder[".env"]));

        Assert.Contains("line 2", failure.Message);
        Assert.DoesNotContain("secret-without-a-name", failure.Message);
    }

    private string? Read(Dictionary<string, string> variables, params string[] args)
    {
        var configuration = new ConfigurationBuilder();
        ServiceSettings.AddSources(configuration, args, new Surroundings(variables, _folder.Path));
        return configuration.Build()[Setting];
    }
}
