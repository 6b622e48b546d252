using System.Reflection;

namespace GatewayOps.Cli.Demo;

/// <summary>The rule set of samples/, carried in the program so that the demo runs from anywhere.</summary>
public static class Samples
{
    public static byte[] ProductionRules()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("production-rules.json")!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
