namespace GatewayOps.Tests.Support;

/// <summary>Files of the clone that the tests were built from.</summary>
public static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string File(string path) => Path.Combine(Root, path);

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (System.IO.File.Exists(Path.Combine(folder.FullName, "GatewayOps.sln")))
                return folder.FullName;
        }

        throw new InvalidOperationException("These tests read files of the repository: run them from a clone.");
    }
}
