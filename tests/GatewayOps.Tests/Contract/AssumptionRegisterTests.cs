using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using GatewayOps.Cloudflare;
using GatewayOps.Emulator;
using GatewayOps.Rules;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Contract;

/// <summary>The register names everything that contract.md leaves open, and places that exist.</summary>
public sealed partial class AssumptionRegisterTests
{
    private const string Guide = "controlplane/docs/cloudflare-assumptions.md";

    private static readonly string Contract = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Contract", "cloudflare-contract.md"));

    [Fact]
    public void Quotes_AreInTheContract_Once() =>
        Assert.All(AssumptionRegister.All, row => Assert.True(Count(row.Quote) == 1, $"'{row.Quote}' is {Count(row.Quote)} times in contract.md"));

    [Fact]
    public void Marks_AllHaveARow()
    {
        var legend = Contract.IndexOf("| **[UNCERTAIN]** | not sourced", StringComparison.Ordinal);
        var open = Mark().Matches(Contract).Select(mark => mark.Index)
            .Where(mark => mark > legend + 20 && !AssumptionRegister.All.Any(row => Place(row) is var start && start <= mark && mark < start + row.Quote.Length))
            .Select(mark => Contract[Math.Max(0, mark - 120)..(mark + 20)]);
        Assert.Empty(open);
        Assert.Equal(Enumerable.Range(1, 10), AssumptionRegister.All.Where(row => SectionOf(row) == "18").Select(row => int.Parse(row.Quote.Split('.')[0])));
    }

    [Fact]
    public void Members_OfBothAssumptions_AllHaveARow()
    {
        static IEnumerable<string> Members(Type type) => type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(property => $"Assumptions.{property.Name}");
        Assert.Empty(Members(typeof(GatewayOps.Emulator.Assumptions)).Except(AssumptionRegister.All.SelectMany(row => row.Emulator)));
        Assert.Empty(Members(typeof(GatewayOps.Cloudflare.Assumptions)).Except(AssumptionRegister.All.SelectMany(row => row.Client)));
    }

    [Fact]
    public void Places_AllExist()
    {
        Assert.All(AssumptionRegister.All.SelectMany(row => row.Emulator), place => Assert.True(Exists(typeof(EmulatorOptions).Assembly, place), place));
        Assert.All(AssumptionRegister.All.SelectMany(row => row.Client), place => Assert.True(Exists(typeof(CloudflareClient).Assembly, place), place));
        Assert.All(AssumptionRegister.All.SelectMany(row => row.Rules), place => Assert.True(Exists(typeof(FieldOwnership).Assembly, place), place));
        Assert.All(AssumptionRegister.All, row => Assert.False(row is { Emulator: [], Client: [], Rules: [], Because: null }, $"'{row.Quote}' has neither a place nor a reason"));
    }

    [Fact]
    public void Guide_IsTheRegister()
    {
        var text = new StringBuilder("""
            # What we assume about Cloudflare

            Cloudflare's documents leave some things open, and some sources disagree. Each has one place in the code where the other reading can be chosen:
            a property of `Assumptions` (of the emulator in `EmulatorOptions.Assumptions`, of the client in `CloudflareOptions.Assumptions`), or the member that is
            named. Quotes and sections are those of our copy of the contract, `tests/GatewayOps.Tests/Contract/cloudflare-contract.md`. This page is written by
            a test from `tests/GatewayOps.Tests/Contract/AssumptionRegister.cs`: `GATEWAYOPS_UPDATE_GOLDEN=1` writes it anew.

            | Item | Section | What we assume | Where to turn it |
            |---|---|---|---|

            """);
        foreach (var row in AssumptionRegister.All.OrderBy(Place))
            text.Append($"| {Plain(row.Quote)} | {SectionOf(row)} | {row.Assumed} | {Places(row)} |\n");
        if (Environment.GetEnvironmentVariable("GATEWAYOPS_UPDATE_GOLDEN") == "1")
            File.WriteAllText(Repository.File(Guide), text.ToString());
        Assert.Equal(File.ReadAllText(Repository.File(Guide)), text.ToString());
    }

    private static int Count(string quote) => Contract.Split(quote).Length - 1;

    private static int Place(Assumption row) => Contract.IndexOf(row.Quote, StringComparison.Ordinal);

    private static string SectionOf(Assumption row) => Heading().Matches(Contract[..Place(row)])[^1].Groups["number"].Value;

    // Without the mark-up that would end the table's cell or turn the rest bold.
    private static string Plain(string quote) => quote.Replace("**", "", StringComparison.Ordinal).Replace("|", "/", StringComparison.Ordinal).Trim('/', ' ');

    private static string Places(Assumption row)
    {
        IEnumerable<string> Of(string who, IReadOnlyList<string> places) => places.Count == 0 ? [] : [$"{who} {string.Join(", ", places.Select(place => $"`{place}`"))}"];
        string[] places = [.. Of("emulator", row.Emulator), .. Of("client", row.Client), .. Of("rules", row.Rules)];
        return string.Join("; ", [.. places, .. row.Because is { } reason ? [places.Length > 0 ? reason : $"nowhere: {reason}"] : Array.Empty<string>()]);
    }

    private static bool Exists(Assembly assembly, string place)
    {
        var (type, member) = place.Split('.') is [var left, var right] ? (left, right) : (place, "");
        return assembly.GetTypes().Any(candidate => candidate.Name == type
            && candidate.GetMember(member, BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static).Length > 0);
    }

    [GeneratedRegex("UNCERTAIN")]
    private static partial Regex Mark();

    [GeneratedRegex(@"^#{2,3} (?<number>\d+(\.\d+)?)\.? ", RegexOptions.Multiline)]
    private static partial Regex Heading();
}
