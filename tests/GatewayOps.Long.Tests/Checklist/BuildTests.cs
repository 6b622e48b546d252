using System.Xml.Linq;
using GatewayOps.Tests.Support;

namespace GatewayOps.Long.Tests.Checklist;

/// <summary>
/// What stands for the commands of an older system (S2-26): a build with warnings as errors for its type check; `dotnet test`, which <see cref="MutationTests"/> turns red by a fault in the product, for
/// its tests. Its deployment is the Pulumi program, which GatewayOps.Infra.Tests runs as a process.
/// </summary>
public sealed class BuildTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact, Trait("checklist", "S2-26")]
    public async Task Warning_IsAnError()
    {
        await File.WriteAllTextAsync(_folder["Warned.cs"], "#warning of this test\n");

        var (sound, nothing) = await SideBuild.CompileAsync("controlplane/Tokenizer", Directory.CreateDirectory(_folder["sound"]).FullName, []);
        var (warned, said) = await SideBuild.CompileAsync("controlplane/Tokenizer", Directory.CreateDirectory(_folder["warned"]).FullName, [new XElement("Compile", new XAttribute("Include", _folder["Warned.cs"]))]);

        Assert.True(sound == 0, nothing);
        Assert.Equal((1, true), (warned, said.Contains("error CS1030", StringComparison.Ordinal)));
    }

    public void Dispose() => _folder.Dispose();
}
