namespace GatewayOps.Tests.Checklist;

/// <summary>The features without a test of ours, each with the reason. Reviewed: who adds one says why no test can show it, and it goes when one does.</summary>
internal static class ChecklistExceptions
{
    private const string NoWorker = "There is no Worker to deploy: the service, its container and the Pulumi program do that job (S2-01 to S2-25 are shown on the service). ";

    public static readonly IReadOnlyDictionary<string, string> Reasons = new Dictionary<string, string>
    {
        ["S2-27"] = NoWorker + "A binding is a setting or a stored key here, the log is PostgreSQL.",
        ["S2-28"] = NoWorker + "PostgreSQL is named by one connection string; the service makes its tables (S2-21).",
    };
}
