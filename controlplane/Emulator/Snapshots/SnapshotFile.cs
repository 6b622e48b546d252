using System.Text;

namespace GatewayOps.Emulator.Snapshots;

/// <summary>The file of `--state`: loaded at the start when it is there, replaced whole when it is saved.</summary>
public sealed class SnapshotFile(SnapshotFormat format, EmulatorOptions options)
{
    /// <summary>A larger file is none of ours.</summary>
    private const long LargestFile = 256 * 1024 * 1024;

    private readonly Lock _lock = new();

    public SnapshotChoice Choice => new(options.StateSecrets, options.StateLogRows);

    /// <summary>Null when the file is not there: the start of a new one.</summary>
    /// <exception cref="SnapshotException">What is in it cannot be loaded.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public LoadedSnapshot? Load()
    {
        if (options.StateFile is not { } file)
            return null;
        var path = Path.GetFullPath(file);
        // Now, and not at the stop, when there would be a state to lose.
        if (!Directory.Exists(Path.GetDirectoryName(path)))
            throw new DirectoryNotFoundException($"there is no folder {Path.GetDirectoryName(path)}");
        if (Directory.Exists(path))
            throw new IOException("it is a folder");
        if (!File.Exists(path))
            return null;
        if (new FileInfo(path).Length > LargestFile)
            throw new SnapshotException("", $"larger than {LargestFile / 1024 / 1024} MB");
        var bytes = File.ReadAllBytes(path);
        var text = bytes.AsMemory(bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? Encoding.UTF8.Preamble.Length : 0);
        return format.Read(text);
    }

    /// <summary>Writes beside the file and then moves, so that whoever reads sees the old file or the new one; only its owner may read it.</summary>
    /// <returns>The full path; null without `--state`.</returns>
    public string? Save()
    {
        if (options.StateFile is not { } file)
            return null;
        var path = Path.GetFullPath(file);
        lock (_lock)
        {
            var bytes = format.Save(Choice);
            var beside = $"{path}.{Environment.ProcessId}.new";
            try
            {
                using (var stream = new FileStream(beside, NewFile))
                {
                    stream.Write(bytes);
                    stream.Flush(flushToDisk: true);
                }
                File.Move(beside, path, overwrite: true);
            }
            catch
            {
                File.Delete(beside);
                throw;
            }
            return path;
        }
    }

    private static FileStreamOptions NewFile
    {
        get
        {
            var file = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.None };
            if (!OperatingSystem.IsWindows())
                file.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            return file;
        }
    }
}
