using GatewayOps.Cli.ControlPlane;

namespace GatewayOps.Cli.Batch;

/// <summary>The files of a run: input, output, and the journal and copy of stdin beside the output. While it is open no other process works on the same output.</summary>
public sealed class BatchFiles : IDisposable
{
    private readonly string _spool;

    private BatchFiles(string input, string? output, string spool, Journal? journal) => (InputPath, OutputPath, _spool, Journal) = (input, output, spool, journal);

    /// <summary>What is read, stdin's copy included.</summary>
    public string InputPath { get; }

    /// <summary>Null for stdout.</summary>
    public string? OutputPath { get; }

    /// <summary>Null for stdout, which cannot be taken up again.</summary>
    public Journal? Journal { get; }

    /// <summary>Checks the names and takes the output. Relative names count from <paramref name="folder"/>.</summary>
    /// <exception cref="CliException">They cannot be used.</exception>
    public static BatchFiles Open(BatchSettings settings, string folder, TimeProvider time)
    {
        var (isStdin, isStdout) = (settings.Input == BatchSettings.Standard, settings.Output == BatchSettings.Standard);
        if (isStdout && settings.Resume)
        {
            throw new CliException("--resume needs an output that is a file: what went to stdout is gone.", "give a path with --output");
        }

        var output = isStdout ? null : Path.GetFullPath(settings.Output, folder);
        var spool = output is null ? Path.Combine(Path.GetTempPath(), $"gatewayops-{Guid.NewGuid():N}.stdin") : $"{output}.stdin";
        var input = isStdin ? spool : Path.GetFullPath(settings.Input, folder);
        if (Directory.Exists(input))
        {
            throw new CliException($"{settings.Input} is a folder.", "give the path of a JSONL file with --input");
        }

        if (!isStdin && !File.Exists(input))
        {
            throw new CliException($"{settings.Input} is not there.", "give the path of a JSONL file with --input, or - for stdin");
        }

        if (output is null)
        {
            return new BatchFiles(input, null, spool, null);
        }

        if (Directory.Exists(output))
        {
            throw new CliException($"{settings.Output} is a folder.", "give the path of a file with --output");
        }

        if (PrivateFile.Target(input) == PrivateFile.Target(output))
        {
            throw new CliException($"{settings.Output} is the input: it would be overwritten.", "give another path with --output");
        }

        return new BatchFiles(input, output, spool, OpenJournal($"{output}.journal", settings.Output, time));
    }

    /// <summary>Writes beside the output, to the disk, and moves it there: whoever reads sees no half of it.</summary>
    public async Task ReplaceOutputAsync(Func<Stream, Task> write)
    {
        var beside = $"{OutputPath}.new";
        try
        {
            await using (var stream = new FileStream(beside, FileMode.Create, FileAccess.Write, FileShare.None, 256 * 1024))
            {
                await write(stream);
                await stream.FlushAsync();
                stream.Flush(flushToDisk: true);
            }

            File.Move(beside, OutputPath!, overwrite: true);
        }
        catch
        {
            File.Delete(beside);
            throw;
        }
    }

    /// <summary>Stdin as a file, since it is read more than once; what an earlier run has kept of it, when that is taken up.</summary>
    public async Task SpoolAsync(BatchSettings settings, bool isKept, CancellationToken cancellationToken)
    {
        if (settings.Input != BatchSettings.Standard || (isKept && File.Exists(_spool)))
        {
            return;
        }

        await using var from = Input.OpenStdin("The prompts are read from stdin, which is a terminal.", "give them through a pipe, or a path with --input");
        await using var to = PrivateFile.Create(_spool);
        await from.CopyToAsync(to, cancellationToken);
    }

    /// <summary>The output is whole, and nothing is left to be asked again.</summary>
    public void RemoveTraces()
    {
        Journal?.Remove();
        File.Delete(_spool);
    }

    public void Dispose()
    {
        if (OutputPath is null || Journal is { IsEmpty: true })
        {
            File.Delete(_spool);
        }

        Journal?.Dispose();
    }

    private static Journal OpenJournal(string path, string shown, TimeProvider time)
    {
        try
        {
            return Journal.Open(path, time);
        }
        catch (DirectoryNotFoundException)
        {
            throw new CliException($"{shown} cannot be written: its folder is not there.", $"mkdir -p {Path.GetDirectoryName(path)}");
        }
        catch (IOException) when (File.Exists(path))
        {
            throw new CliException($"Another process works on {shown}: it has {path} open.", "wait for it, or give another path with --output");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"{shown} cannot be written: {e.Message}", "give a path with --output in a folder that you may write to");
        }
    }
}
