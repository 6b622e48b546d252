namespace GatewayOps.Cli.ControlPlane;

/// <summary>A file that holds a token: made readable and writable by its owner only.</summary>
public static class PrivateFile
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public static FileStream Create(string path) => Open(path, FileMode.Create);

    /// <summary>Writes a file anew, whole or not at all. One that others could read before is closed to them then.</summary>
    public static void Replace(string path, ReadOnlySpan<byte> content)
    {
        // A link stays one: what it leads to is written.
        var target = Target(path);
        var beside = $"{target}.{Path.GetRandomFileName()}";
        try
        {
            using (var stream = Open(beside, FileMode.CreateNew))
            {
                stream.Write(content);
                stream.Flush(flushToDisk: true);
            }

            File.Move(beside, target, overwrite: true);
        }
        catch
        {
            File.Delete(beside);
            throw;
        }
    }

    /// <summary>Where a link leads; the path itself for what is none.</summary>
    public static string Target(string path) => File.Exists(path) ? File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path : path;

    private static FileStream Open(string path, FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = Owner;
        }

        return new FileStream(path, options);
    }
}
