using System.Diagnostics;
using System.IO.Compression;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using GatewayOps.Tests.Client;
using GatewayOps.Tests.Support;

namespace GatewayOps.Long.Tests.Client;

/// <summary>GatewayOps.Client as others get it: packed from its own sources and nothing else, looked into, and used by a program that has the package alone.</summary>
public sealed partial class PackageTests : IDisposable
{
    // Not in anybody's package folder yet.
    private readonly string _version = $"0.1.0-test.{Guid.NewGuid():N}";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Package_IsWhole_TheSameFromAnyFolder_AndEnoughForAProgram()
    {
        var packed = await PackAsync(_folder["here"]);
        using var package = ZipFile.OpenRead(Path.Combine(packed, $"GatewayOps.Client.{_version}.nupkg"));
        using var symbols = ZipFile.OpenRead(Path.Combine(packed, $"GatewayOps.Client.{_version}.snupkg"));
        Assert.Equal(["GatewayOps.Client.nuspec", "LICENSE.txt", "README.md", "lib/net10.0/GatewayOps.Client.dll", "lib/net10.0/GatewayOps.Client.xml"], Names(package));
        Assert.Equal(["GatewayOps.Client.nuspec", "lib/net10.0/GatewayOps.Client.pdb"], Names(symbols));

        var about = XDocument.Parse(Text(package, "GatewayOps.Client.nuspec")).Root!.Elements().Single();
        string? Said(string name) => about.Elements().SingleOrDefault(element => element.Name.LocalName == name)?.Value;
        Assert.Equal(("GatewayOps.Client", _version, "README.md", "LICENSE.txt"), (Said("id"), Said("version"), Said("readme"), Said("license")));
        Assert.Equal(["Microsoft.Extensions.AI.Abstractions", "OpenAI"], about.Descendants().Where(element => element.Name.LocalName == "dependency").Select(element => element.Attribute("id")!.Value).Order());
        Assert.Contains("M:GatewayOps.Client.GatewayChatClient.ChatAsync", Text(package, "lib/net10.0/GatewayOps.Client.xml"));

        var again = await PackAsync(_folder["else/where"]);
        using var same = ZipFile.OpenRead(Path.Combine(again, $"GatewayOps.Client.{_version}.nupkg"));
        using var sameSymbols = ZipFile.OpenRead(Path.Combine(again, $"GatewayOps.Client.{_version}.snupkg"));
        Assert.Equal(Bytes(package, "lib/net10.0/GatewayOps.Client.dll"), Bytes(same, "lib/net10.0/GatewayOps.Client.dll"));
        Assert.Equal(Bytes(symbols, "lib/net10.0/GatewayOps.Client.pdb"), Bytes(sameSymbols, "lib/net10.0/GatewayOps.Client.pdb"));

        await RunsAsync(packed, CodeBlock().Match(Text(package, "README.md")).Groups["code"].Value);
    }

    /// <summary>The example of the package's own README, compiled against the package and run against the emulator.</summary>
    private async Task RunsAsync(string source, string code)
    {
        var folder = Directory.CreateDirectory(_folder["program"]).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "Program.cs"), code);
        await File.WriteAllTextAsync(Path.Combine(folder, "nuget.config"), $"""<configuration><packageSources><add key="packed" value="{source}" /></packageSources></configuration>""");
        await File.WriteAllTextAsync(Path.Combine(folder, "Program.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><Nullable>enable</Nullable><ImplicitUsings>enable</ImplicitUsings><TreatWarningsAsErrors>true</TreatWarningsAsErrors></PropertyGroup>
              <ItemGroup><PackageReference Include="GatewayOps.Client" Version="{_version}" /></ItemGroup>
            </Project>
            """);
        var stage = new ClientStage();
        await stage.InitializeAsync();
        try
        {
            var output = await DotnetAsync(folder, new()
            {
                // What the machine has of others' packages is good; ours goes away with the test.
                ["NUGET_FALLBACK_PACKAGES"] = Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget/packages"),
                ["NUGET_PACKAGES"] = _folder["packages"],
                ["CLOUDFLARE_ACCOUNT_ID"] = stage.Emulator.Options.AccountId,
                ["CLOUDFLARE_GATEWAY_TOKEN"] = stage.Emulator.Options.ApiToken,
                ["CLOUDFLARE_GATEWAY_BASE_URL"] = stage.Emulator.BaseUrl.AbsoluteUri,
                ["LLM_PROVIDER"] = "openai",
            }, "run");
            Assert.Matches(@"What is the capital of France\?.* \(\d+ tokens of openai\)\n$", output);
        }
        finally
        {
            await stage.DisposeAsync();
        }
    }

    /// <summary>Packs a copy of what the project names: its folder, the files that it links, and the build files of the root.</summary>
    private async Task<string> PackAsync(string folder)
    {
        const string project = "controlplane/Client/GatewayOps.Client.csproj";
        var linked = XDocument.Load(Repository.File(project)).Descendants("Compile").SelectMany(compile => compile.Attribute("Include")!.Value.Replace('\\', '/').Split(';')).Select(path => Path.GetRelativePath(Repository.Root, Repository.File($"controlplane/Client/{path}")));
        var own = Directory.EnumerateFiles(Repository.File("controlplane/Client"), "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(Repository.Root, path)).Where(path => !Built().IsMatch(path));
        foreach (var path in own.Concat(linked).Concat(["Directory.Build.props", "Directory.Packages.props", "BannedSymbols.txt", "global.json", ".editorconfig"]))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder, path))!);
            File.Copy(Repository.File(path), Path.Combine(folder, path));
        }
        await DotnetAsync(folder, [], "pack", project, "-o", "packed", $"-p:Version={_version}");
        return Path.Combine(folder, "packed");
    }

    private static async Task<string> DotnetAsync(string folder, Dictionary<string, string> variables, params string[] arguments)
    {
        // A server that outlives the test would keep its folder.
        var start = new ProcessStartInfo("dotnet", arguments) { WorkingDirectory = folder, UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, Environment = { ["MSBUILDDISABLENODEREUSE"] = "1", ["UseSharedCompilation"] = "false" } };
        foreach (var (name, value) in variables) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"dotnet {string.Join(' ', arguments)}\n{await output}{await errors}");
        return await output;
    }

    // Without what every package has.
    private static IEnumerable<string> Names(ZipArchive archive) => archive.Entries.Select(entry => entry.FullName).Where(name => !name.StartsWith("_rels/", StringComparison.Ordinal) && !name.StartsWith("package/", StringComparison.Ordinal) && name != "[Content_Types].xml").Order(StringComparer.Ordinal);

    private static byte[] Bytes(ZipArchive archive, string name)
    {
        using var content = archive.GetEntry(name)!.Open();
        using var copy = new MemoryStream();
        content.CopyTo(copy);
        return copy.ToArray();
    }

    private static string Text(ZipArchive archive, string name) => System.Text.Encoding.UTF8.GetString(Bytes(archive, name)).TrimStart('\uFEFF');

    [GeneratedRegex("```csharp\n(?<code>.*?)```", RegexOptions.Singleline)]
    private static partial Regex CodeBlock();

    [GeneratedRegex("(^|/)(bin|obj)/")]
    private static partial Regex Built();
}
