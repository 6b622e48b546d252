using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Docs;

/// <summary>The parts of a guide that are made from the code, between two marks each; what stands around them is written by hand. GATEWAYOPS_UPDATE_GOLDEN=1 writes them anew.</summary>
internal static class MadePart
{
    public static void Hold(string guide, params (string Name, string Text)[] parts)
    {
        var page = File.ReadAllText(Repository.File(guide));
        var written = parts.Aggregate(page, (text, part) => Replaced(guide, text, part.Name, part.Text));
        if (Environment.GetEnvironmentVariable("GATEWAYOPS_UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(Repository.File(guide), written);
        }
        else
        {
            Assert.Equal(written, page);
        }
    }

    private static string Replaced(string guide, string page, string name, string part)
    {
        var (begin, end) = ($"<!-- {name}: made from the code -->\n", $"<!-- end of {name} -->\n");
        var from = page.IndexOf(begin, StringComparison.Ordinal);
        var to = page.IndexOf(end, StringComparison.Ordinal);
        Assert.True(from >= 0 && to > from, $"{guide} has no place for {name}: {begin}");
        return $"{page[..(from + begin.Length)]}\n{part}\n{page[to..]}";
    }
}
