namespace GatewayOps.Tests.Support;

/// <summary>Expected text in files under Golden/, reviewed like code. GATEWAYOPS_UPDATE_GOLDEN=1 writes them anew.</summary>
internal static class Golden
{
    public static void Matches(string file, string text)
    {
        if (Environment.GetEnvironmentVariable("GATEWAYOPS_UPDATE_GOLDEN") == "1")
            File.WriteAllText(Repository.File("tests/GatewayOps.Tests/Golden/" + file), text);
        else
            Assert.Equal(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Golden", file)), text);
    }
}
